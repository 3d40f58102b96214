"""The matrix of what holds: the same every time, so that a worker reckons it once for every test of it."""

from __future__ import annotations

from functools import cache

import pytest

from relief.fairness import matrix

__all__ = ["of_the_matrix", "reckoned"]

reckoned = cache(matrix)
of_the_matrix = pytest.mark.xdist_group("matrix")
