"""Relief: rules as data, decisions with reasons, a fund divided exactly to the fen.

The way of the data, a folder a stage; imports only ever lead back along it::

    sheets → intake → judging → round     sheets of cells → tables → decisions → a round's folder
               rulepack ↗     ↗           the rules as data, a checked tree for every expression
               allocation → fairness      a fund divided exactly; what holds of a division

    round → steps → procedure             what is done with a round afterwards, kept in its folder
            public, papers, payment ↗     the published record, papers for people, bank files and ledger

    why: a decision's reasons. evidence: other departments' data. review, proof: a pack under test
    report, audit, evaluation: a round shown, recomputed by formulas, assessed
    cli asks for the stages; below them all: columns (the data dictionary), money, errors, messages

Everything a user needs is here; names load when they are first used, so that a command that
needs no table does not wait for pandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from relief.allocation import Allocation, allocate
    from relief.comparison import Comparison, compare
    from relief.errors import ReliefError
    from relief.intake.application import Application
    from relief.intake.tables import Tables, read_tables
    from relief.judging.assessment import Assessment
    from relief.judging.eligibility import assess
    from relief.money import fen, yuan
    from relief.round.export import export
    from relief.round.pipeline import Round, run, split
    from relief.round.verification import verify
    from relief.rulepack import Pack, installed_packs, load_pack
    from relief.sheets.faults import fault_table

_HOMES = {
    "Allocation": "relief.allocation",
    "Application": "relief.intake.application",
    "Assessment": "relief.judging.assessment",
    "Comparison": "relief.comparison",
    "Pack": "relief.rulepack",
    "ReliefError": "relief.errors",
    "Round": "relief.round.pipeline",
    "Tables": "relief.intake.tables",
    "allocate": "relief.allocation",
    "assess": "relief.judging.eligibility",
    "compare": "relief.comparison",
    "export": "relief.round.export",
    "fault_table": "relief.sheets.faults",
    "fen": "relief.money",
    "installed_packs": "relief.rulepack",
    "load_pack": "relief.rulepack",
    "read_tables": "relief.intake.tables",
    "run": "relief.round.pipeline",
    "split": "relief.round.pipeline",
    "verify": "relief.round.verification",
    "yuan": "relief.money",
}

__all__ = [
    "Allocation", "Application", "Assessment", "Comparison", "Pack", "ReliefError", "Round", "Tables",
    "allocate", "assess", "compare", "export", "fault_table", "fen", "installed_packs", "load_pack",
    "read_tables", "run", "split", "verify", "yuan",
]  # fmt: skip


_MODULES = {
    "columns": "relief.columns",
    "districts": "relief.intake.districts",
    "errors": "relief.errors",
    "fairness": "relief.fairness",
    "faults": "relief.sheets.faults",
    "schema": "relief.schema",
    "template": "relief.template",
    "testing": "relief.testing",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("importlib.metadata").version("relief")
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name not in _HOMES:
        raise AttributeError(f"module 'relief' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({"__version__", *__all__, *_MODULES})
