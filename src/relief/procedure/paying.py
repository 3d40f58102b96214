"""Paying what was approved, and what came back: the ledger decides, never a file.

In    a round's folder that was approved, a layout, accounts
Out   the folder with bank files and the ledger; who was held back, and why
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from relief.money import fen
from relief.payment.ledger import Ledger, ledger_of
from relief.steps.taking import Taken, take

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from relief.steps.taking import Held

__all__ = ["awards_in", "close", "ledger_in"]

_FROM, _YUAN = "from_", "_yuan"


def awards_in(held: Held) -> dict[tuple[str, str], int]:
    """Return the awards of a round in fen, by household and source; of one fund the source is empty."""
    awards: dict[tuple[str, str], int] = {}
    for row in held.table("awards"):
        sources = {name: row[name] for name in row if name.startswith(_FROM) and name.endswith(_YUAN)}
        for name, amount in (sources or {_YUAN: row["award_yuan"]}).items():
            source = name.removesuffix(_YUAN).removeprefix(_FROM)
            awards[row["household_id"], source] = fen(amount or "0")
    return awards


def ledger_in(held: Held) -> Ledger:
    """Return the ledger that the steps of a round lead to.

    Raises
    ------
    PaymentError
        If they pay more than the awards.
    """
    return ledger_of(awards_in(held), int(held.record["call"]["fund_fen"]), held.steps)


def close(folder: str | Path, *, on: dt.date | str, by: str) -> Held:
    """Close a round of which every fen was paid.

    Raises
    ------
    StepError
        If fen are still owed, or the round is not paid.
    """

    def made(held: Held) -> Taken:
        sums = ledger_in(held).sums
        told = {f"{name}_fen": str(fen) for name, fen in sums.items()}
        return Taken("closed", on, by, {**told, "outstanding_fen": str(sums["owed"])})

    return take(folder, made)
