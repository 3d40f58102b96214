"""Sheets to tables: headers known, cells typed, people and papers held to themselves, faults named."""
