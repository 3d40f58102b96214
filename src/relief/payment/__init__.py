"""Paying what was approved: bank files, what came back, and a ledger that sums to the fund."""
