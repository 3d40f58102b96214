"""The audit workbook: the split as live formulas."""

from relief.audit.workbook import audit_workbook

__all__ = ["audit_workbook"]
