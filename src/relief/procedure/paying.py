"""Paying what was approved, and what came back: the ledger decides, never a file.

In    a round's folder that was approved, a bank's layout, accounts
Out   the folder with the bank's files kept apart, control totals and the accounts of the round
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relief.errors import MissingExtraError, PaymentError
from relief.intake.tables import parse
from relief.money import fen, yuan
from relief.papers.docx import to_docx
from relief.papers.html import to_html
from relief.papers.roster import roster
from relief.payment import accounts_of, batch, ledger_of, load_layout, read_returned
from relief.round.outputs import table_csv
from relief.round.verification import verified
from relief.sheets.files import Source
from relief.steps.taking import Held, Taken, take

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from relief.intake.tables import Tables
    from relief.papers.paper import Paper
    from relief.payment import Accounts, Batch, ControlTotal, Finding, Ledger

__all__ = ["Given", "awards_in", "close", "enter_returned", "ledger_in", "pay"]

_FROM, _YUAN = "from_", "_yuan"
_BOOK, _TOTALS, _HELD = "账目.csv", "控制总数.csv", "暂缓.csv"
_ROSTER, _CORRECTIONS, _TOLD = "发放花名册", "更正账户", "账户说明.csv"


@dataclass(frozen=True)
class Given:
    """What a person adds to a payment.

    Attributes
    ----------
    corrected : str or Path, optional
        A workbook or CSV with the accounts that are others now.
    holders, numbers : mapping of str to str, optional
        As in `accounts_of`: why an account is another person's, why a number is right; by household.
    texts : mapping of str to str, optional
        What is the same in every row of the bank's file, as in `batch`.
    """

    corrected: str | Path | None = None
    holders: Mapping[str, str] | None = None
    numbers: Mapping[str, str] | None = None
    texts: Mapping[str, str] | None = None


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


def pay(
    folder: str | Path, layout: str | Path, *, on: dt.date | str, by: str, given: Given | None = None
) -> tuple[Held, Batch, Accounts]:
    """Pay what is owed: all that was not paid yet, or came back.

    Parameters
    ----------
    folder : str or Path
    layout : str or Path
        The bank's: a name that ships, or a file.
    on : date or ISO text
    by : str
    given : Given, optional

    Returns
    -------
    tuple of Held, Batch and Accounts
        The folder after the step. The bank's files stand in ``private/``; who is held back is in the batch.

    Raises
    ------
    ReliefError
        If nothing is owed, everybody is held back, the round is not approved, or an account does not fit.
    """
    extra, form = given or Given(), load_layout(layout)
    made: list[tuple[Batch, Accounts]] = []

    def taken(held: Held) -> Taken:
        ledger, round_ = ledger_in(held), verified(held.files)
        if not ledger.owed:
            raise PaymentError("payment.nothing_owed")
        households = dict.fromkeys(household for household, _ in ledger.owed)
        back = {ledger.payments[ref].household_id: why for ref, why in ledger.returned.items()}
        accounts = accounts_of(
            round_.tables, households, extra.corrected, earlier=_corrections(held), returned=back,
            holders=extra.holders, numbers=extra.numbers,
        )  # fmt: skip
        districts = {row["household_id"]: row["district"] for row in held.table("awards")}
        # Unique among all rounds, so that what comes back after a correction still fits.
        prefix = f"{str(held.record['seal'])[:8]}-{len(held.steps) + 1:02d}-"
        files = batch(
            ledger.owed, accounts, form, ref_prefix=prefix, dated=on, districts=districts, given=extra.texts
        )  # fmt: skip
        if not files.payments:
            first = files.held_back[0]
            facts = {f"first_{lang}": first.reason(lang) for lang in ("zh", "en")}
            raise PaymentError("payment.all_held_back", count=len(files.held_back), **facts)
        made.append((files, accounts))
        named = (str(step.facts.get("organisation", "")) for step in held.steps if step.name == "noticed")
        # The one paper that names people and accounts in full: it is signed and filed, never shown.
        paper = roster(
            round_, files.payments, accounts, full=True, dated=on, organisation=next(named, "") or by
        )  # fmt: skip
        private = _kept(extra, accounts) | _printed(paper)
        return _taken(ledger.pay(files.payments), files, form.name, on, by, private)

    held = take(folder, taken)
    return held, *made[-1]


def enter_returned(
    folder: str | Path, answer: str | Path, layout: str | Path, *, on: dt.date | str, by: str
) -> tuple[Held, dict[str, str]]:
    """Enter the bank's answer: what came back is owed again, into an account that is right.

    Returns
    -------
    tuple of Held and dict of str to str
        The folder after the step; the bank's reasons by household.

    Raises
    ------
    ReliefError
        If the answer fits no payment of the round, or cannot be read.
    """
    path, form = Path(answer), load_layout(layout)
    households: dict[str, str] = {}

    def taken(held: Held) -> Taken:
        ledger = ledger_in(held)
        source = Source(path.name, _bytes(path))
        came = read_returned(source, form, ledger.kept)
        households.update({ledger.payments[ref].household_id: why for ref, why in came.items()})
        rows = [{"ref": ref, "why": why} for ref, why in came.items()]
        papers = {_BOOK: _book(ledger.take_back(came))}
        return Taken("returned", on, by, {"returned": rows}, papers, {path.name: source.data})

    return take(folder, taken), households


def close(folder: str | Path, *, on: dt.date | str, by: str) -> Held:
    """Close a round of which every fen was paid.

    Raises
    ------
    StepError
        If fen are still owed, or the round is not paid.
    """

    def taken(held: Held) -> Taken:
        ledger = ledger_in(held)
        sums = {f"{name}_fen": str(amount) for name, amount in ledger.sums.items()}
        facts = {**sums, "outstanding_fen": sums["owed_fen"]}
        return Taken("closed", on, by, facts, {_BOOK: _book(ledger)})

    return take(folder, taken)


# --- what a step keeps ----------------------------------------------------------------------------


def _taken(
    ledger: Ledger, files: Batch, layout: str, on: dt.date | str, by: str, kept: Mapping[str, bytes]
) -> Taken:
    facts: dict[str, Any] = {
        "layout": layout,
        "payments": [payment.plain for payment in files.payments],
        "held_back": sorted({finding.household_id for finding in files.held_back}),
        **{f"{name}_fen": str(amount) for name, amount in ledger.sums.items()},
    }
    papers = {_BOOK: _book(ledger), _TOTALS: _totals(files.totals)}
    if files.held_back:
        papers[_HELD] = _held_back(files.held_back)
    return Taken("paid", on, by, facts, papers, {**files.files, **kept})


def _kept(given: Given, accounts: Accounts) -> dict[str, bytes]:
    """Return the corrections, and what is told of accounts that are used, with the reasons given."""
    kept = {_TOLD: _held_back(accounts.told)} if accounts.told else {}
    if given.corrected is not None:
        path = Path(given.corrected)
        kept[f"{_CORRECTIONS}{path.suffix}"] = _bytes(path)
    return kept


def _corrections(held: Held) -> list[Tables]:
    """Return the corrected accounts of the payments before, in their order."""
    return [
        parse([Source(Path(path).name, held.files[path])])
        for step in held.steps if step.name == "paid"
        for path in step.papers if Path(path).stem == _CORRECTIONS
    ]  # fmt: skip


def _printed(paper: Paper) -> dict[str, bytes]:
    """Return the roster as Word; as a page where what writes Word is not installed."""
    try:
        return {f"{_ROSTER}.docx": to_docx(paper)}
    except MissingExtraError:
        return {f"{_ROSTER}.html": to_html(paper)}


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PaymentError("payment.cannot_read", name=path.name, why=error.strerror or str(error)) from error


def _book(ledger: Ledger) -> bytes:
    """Write where every fen is: per household and source, and in all."""
    accounts = _accounts(ledger)
    paid, owed, overpaid = ledger.paid, ledger.owed, ledger.overpaid
    rows = [
        {
            "household_id": household, "source": source, "award_yuan": str(yuan(amount)),
            "paid_yuan": str(yuan(paid[household, source])),
            "owed_yuan": str(yuan(owed.get((household, source), 0))),
            "overpaid_yuan": str(yuan(overpaid.get((household, source), 0))),
        }
        for (household, source), amount in accounts.items()
    ]  # fmt: skip
    return table_csv(list(rows[0]) if rows else ["household_id"], rows)


def _accounts(ledger: Ledger) -> dict[tuple[str, str], int]:
    """Return the awards, and nothing for those whom an earlier round paid and this one does not know."""
    return {key: ledger.awards.get(key, 0) for key in {**ledger.awards, **ledger.paid}}


def _totals(totals: Iterable[ControlTotal]) -> bytes:
    rows = [
        {"file": one.file, "district": one.district, "source": one.source, "count": str(one.count),
         "amount_yuan": str(yuan(one.fen))}
        for one in totals
    ]  # fmt: skip
    return table_csv(["file", "district", "source", "count", "amount_yuan"], rows)


def _held_back(findings: Iterable[Finding]) -> bytes:
    rows = [
        {"household_id": one.household_id, "reason": one.reason("zh"), "cure": one.cure("zh")}
        for one in findings
    ]
    return table_csv(["household_id", "reason", "cure"], rows)
