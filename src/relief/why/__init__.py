"""Why: reasons with their figures, what is missing, and what would change an answer.

figures → reasons, telling → variants → exploring → wanted → missing, counterfactual
"""
