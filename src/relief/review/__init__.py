"""A pack under test: its cases, what they reach, what a mutant would change, how two packs differ."""
