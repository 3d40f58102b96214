"""How hard the property tests look: HYPOTHESIS_PROFILE=default | ci | patience | mutation."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings

settings.register_profile("default", deadline=None, max_examples=40)
settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    max_examples=40,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("patience", deadline=None, max_examples=2_000)
settings.register_profile(
    "mutation",
    derandomize=True,
    deadline=None,
    max_examples=40,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "default"))

# What takes longest by far: `make test` leaves it to `make slow`, and CI runs both.
SLOW = (
    "tests/audit/test_audit_recalculation.py",
    "tests/books/test_limits.py",
    "tests/papers/test_looks.py",
    "tests/properties/test_explanations.py",
    "tests/properties/test_pack_fuzz.py",
    "tests/public/test_page.py",
    "tests/report/test_browser.py",
    "tests/test_docs_packs.py::test_the_tables_that_stand_in_a_page_are_current[fairness.md]",
    "tests/unit/test_conformance.py",
    "tests/unit/test_divisors.py",
    "tests/unit/test_evidence_files.py",
    "tests/unit/test_fairness.py",
    "tests/unit/test_proof_dates.py",
    "tests/unit/test_settling.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow."""
    for item in items:
        if item.nodeid.startswith(SLOW):
            item.add_marker(pytest.mark.slow)
