"""Why: reasons with their figures, what is missing, and what would change an answer.

figures → reasons, telling → letter, seen → variants → exploring → wanted → missing, counterfactual
"""
