"""The audit workbook: the split as live formulas."""
