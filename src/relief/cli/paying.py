"""The commands from payment to the end: pay, what came back, close; and a corrected round."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relief.cli.deciding import By, Folder, On, Papers, Why, read_papers, told
from relief.console import AsJson, Lang, check_lang, spoken, t
from relief.errors import ReliefError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relief.payment import Finding
    from relief.steps.taking import Held

__all__ = ["close_command", "correct_command", "pay_command", "returned_command"]

_MOST_SHOWN = 20


def _option(name: str, metavar: str, code: str) -> Any:
    return typer.Option(name, metavar=metavar, help=t(code))


Layout = Annotated[str, _option("--layout", "NAME|FILE", "cli.help.layout")]
Accounts = Annotated[Path | None, _option("--accounts", "FILE", "cli.help.accounts")]
Holder = Annotated[list[str] | None, _option("--holder", "ID=REASON", "cli.help.holder")]
Number = Annotated[list[str] | None, _option("--number", "ID=REASON", "cli.help.number")]
Give = Annotated[list[str] | None, _option("--give", "NAME=TEXT", "cli.help.give")]
Answer = Annotated[Path, typer.Argument(metavar="FILE", help=t("cli.help.answer"))]
After = Annotated[Path, typer.Argument(metavar="CORRECTED", help=t("cli.help.corrected"))]


def pay_command(
    folder: Folder, on: On, by: By, layout: Layout = "generic", accounts: Accounts = None,
    holder: Holder = None, number: Number = None, give: Give = None, as_json: AsJson = False,
    lang: Lang = "zh",
) -> int:  # fmt: skip
    """Pay what is owed: all that was not paid yet, or came back."""
    check_lang(lang)
    from relief.procedure.paying import Given, pay

    given = Given(accounts, _pairs(holder), _pairs(number), _pairs(give))
    held, batch, found = pay(folder, _layout(layout), on=on, by=by, given=given)
    if not as_json:
        _tell_money(held)
        for path in held.steps[-1].papers:
            typer.echo(f"  {folder / path}")
        _tell("cli.held_back", batch.held_back)
        _tell("cli.accounts_told", found.told)
    status = told(held, folder, as_json)
    return 1 if batch.held_back or found.told else status


def returned_command(
    folder: Folder, answer: Answer, on: On, by: By, layout: Layout = "generic", as_json: AsJson = False,
    lang: Lang = "zh",
) -> int:  # fmt: skip
    """Enter the bank's answer."""
    check_lang(lang)
    from relief.procedure.paying import enter_returned

    held, reasons = enter_returned(folder, answer, _layout(layout), on=on, by=by)
    if not as_json:
        typer.echo(t("cli.returned", count=len(reasons)))
        for household, why in list(reasons.items())[:_MOST_SHOWN]:
            typer.echo(t("cli.returned_line", household=household, why=why))
        _tell_money(held)
    status = told(held, folder, as_json)
    return 1 if reasons else status


def _tell_money(held: Held) -> None:
    from relief.money import yuan
    from relief.procedure.paying import ledger_in

    typer.echo(t("cli.money", **{name: f"{yuan(fen):,}" for name, fen in ledger_in(held).sums.items()}))


def _tell(code: str, findings: Iterable[Finding]) -> None:
    found = list(findings)
    if found:
        typer.echo(t(code, count=len(found)))
    for one in found[:_MOST_SHOWN]:
        reason, cure = one.reason(spoken()), one.cure(spoken())
        typer.echo(t("cli.account_line", household=one.household_id, reason=reason, cure=cure))
    if len(found) > _MOST_SHOWN:
        typer.echo(t("cli.accounts_more", count=len(found) - _MOST_SHOWN))


def _layout(text: str) -> str | Path:
    return Path(text) if Path(text).suffix else text


def _pairs(texts: list[str] | None) -> dict[str, str]:
    """Return ``name=text`` pairs.

    Raises
    ------
    ReliefError
        If one has no equals sign or no text.
    """
    pairs = {}
    for text in texts or []:
        name, _, value = text.partition("=")
        if not value.strip():
            raise ReliefError("cli.no_pair", text=name)
        pairs[name.strip()] = value.strip()
    return pairs


def close_command(folder: Folder, on: On, by: By, as_json: AsJson = False, lang: Lang = "zh") -> int:
    """Close a round of which every fen was paid."""
    check_lang(lang)
    from relief.procedure.paying import close

    return told(close(folder, on=on, by=by), folder, as_json)


def correct_command(
    folder: Folder, corrected: After, on: On, by: By, why: Why, paper: Papers = None, as_json: AsJson = False,
    lang: Lang = "zh",
) -> int:  # fmt: skip
    """Let a corrected round replace another."""
    check_lang(lang)
    from relief.procedure.correcting import correct, differences

    old, new = correct(folder, corrected, on=on, by=by, why=why, papers=read_papers(paper))
    if not as_json:
        typer.echo(t("cli.corrected", count=len(differences(old, new))))
    return told(new, corrected, as_json)
