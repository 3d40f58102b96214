"""Divide a fund among claims: exact quotas by a method, whole units by a rounding."""

from __future__ import annotations

from relief.allocation.division import METHODS, ROUNDINGS, allocate
from relief.allocation.result import Allocation
from relief.allocation.terms import Bracket

__all__ = ["METHODS", "ROUNDINGS", "Allocation", "Bracket", "allocate"]
