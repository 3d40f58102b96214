"""From an assessment to a round's folder, and back from the folder to a verdict on it."""
