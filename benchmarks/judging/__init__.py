"""The packs, households and rivals of ``benchmarks/rules.py``."""
