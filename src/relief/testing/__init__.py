"""For tests: strategies for Hypothesis, and a suite that tries anyone's allocator.

The strategies come from the data dictionary, so a new column is generated without a line here.
All are rich in what breaks things: missing facts, ties, zeros, equal claims, one-fen funds, sums
beyond 2^63. `conformance` takes any function from claims and a fund to awards.
The extra ``testing`` brings Hypothesis.
"""

from __future__ import annotations

from relief.errors import MissingExtraError

try:
    import hypothesis as _hypothesis
except ImportError as error:
    raise MissingExtraError("extra.missing", what="Hypothesis", extra="testing") from error

from relief.testing.money import Bounds, bounds, claims, funds
from relief.testing.packs import DrawnPack, rule_packs
from relief.testing.programs import program
from relief.testing.promises import DEFAULT, PROMISES
from relief.testing.report import Report, Witness
from relief.testing.search import conformance
from relief.testing.suite import AllocatorTests
from relief.testing.tables import districts, documents, households, members, rows

__all__ = [
    "DEFAULT", "PROMISES", "AllocatorTests", "Bounds", "DrawnPack", "Report", "Witness",
    "bounds", "claims", "conformance", "districts", "documents", "funds", "households", "members", "program",
    "rows", "rule_packs",
]  # fmt: skip

del _hypothesis
