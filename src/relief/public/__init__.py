"""What is published of a round, and how anyone holds one household's answer against it."""
