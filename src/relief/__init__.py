"""Relief: rules as data, decisions with reasons, a fund divided exactly to the fen.

The way of the data, a module or folder a stage; imports only ever lead back along it::

    files → headers, cells → tables → crosscheck → eligibility ─┐
                                  rulepack → reasons ↗          ├→ outputs, record → folder
                                        allocation → districts ─┘

    pipeline runs the stages, verification runs them again, cli asks for them
    below them all: columns (the data dictionary), money, faults, errors, messages

Everything a user needs is here; names load when they are first used, so that a command that
needs no table does not wait for pandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from relief.allocation import Allocation, allocate
    from relief.assessment import Assessment
    from relief.comparison import Comparison, compare
    from relief.eligibility import assess
    from relief.errors import ReliefError
    from relief.faults import fault_table
    from relief.money import fen, yuan
    from relief.pipeline import Round, run, split
    from relief.rulepack import Pack, installed_packs, load_pack
    from relief.tables import Tables, read_tables
    from relief.verification import verify

_HOMES = {
    "Allocation": "relief.allocation",
    "Assessment": "relief.assessment",
    "Comparison": "relief.comparison",
    "Pack": "relief.rulepack",
    "ReliefError": "relief.errors",
    "Round": "relief.pipeline",
    "Tables": "relief.tables",
    "allocate": "relief.allocation",
    "assess": "relief.eligibility",
    "compare": "relief.comparison",
    "fault_table": "relief.faults",
    "fen": "relief.money",
    "installed_packs": "relief.rulepack",
    "load_pack": "relief.rulepack",
    "read_tables": "relief.tables",
    "run": "relief.pipeline",
    "split": "relief.pipeline",
    "verify": "relief.verification",
    "yuan": "relief.money",
}

__all__ = [
    "Allocation", "Assessment", "Comparison", "Pack", "ReliefError", "Round", "Tables", "allocate", "assess",
    "compare", "fault_table", "fen", "installed_packs", "load_pack", "read_tables", "run", "split", "verify",
    "yuan",
]  # fmt: skip


_MODULES = ("columns", "districts", "errors", "fairness", "faults", "schema", "template", "testing")


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("importlib.metadata").version("relief")
    if name in _MODULES:
        return import_module(f"relief.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'relief' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({"__version__", *__all__, *_MODULES})
