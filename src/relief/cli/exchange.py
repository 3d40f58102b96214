"""The commands about other departments' data: request, read, report."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from relief.console import AsJson, Lang, check_lang, print_json, spoken, t
from relief.errors import ExchangeError, TableError
from relief.messages import say

__all__ = ["exchange_app"]

Input = Annotated[Path, typer.Argument(metavar="FILE", help=t("cli.help.input"))]
Answer = Annotated[Path, typer.Argument(metavar="ANSWER", help=t("cli.help.exchange_answer"))]
Rules = Annotated[str, typer.Option("--rules", metavar="PACK", help=t("cli.help.rules"))]
To = Annotated[str, typer.Option("--to", metavar="DEPARTMENT", help=t("cli.help.exchange_to"))]
From = Annotated[str, typer.Option("--from", metavar="DEPARTMENT", help=t("cli.help.exchange_from"))]
On = Annotated[str, typer.Option("--on", metavar="YYYY-MM-DD", help=t("cli.help.exchange_on"))]
Out = Annotated[Path, typer.Option("--out", metavar="FOLDER", help=t("cli.help.exchange_out"))]
Csv = Annotated[Path, typer.Option("--out", metavar="FILE", help=t("cli.help.exchange_csv"))]
Hashed = Annotated[bool, typer.Option("--hashed", help=t("cli.help.exchange_hashed"))]
KeyFile = Annotated[Path | None, typer.Option("--key-file", metavar="FILE", help=t("cli.help.exchange_key"))]
Since = Annotated[
    str | None, typer.Option("--since", metavar="YYYY-MM-DD", help=t("cli.help.exchange_since"))
]
_VARIABLE = "RELIEF_EXCHANGE_KEY"

exchange_app = typer.Typer(help=t("cli.help.exchange"), no_args_is_help=True)


@exchange_app.callback()
def _exchange(lang: Lang = "zh") -> None:
    check_lang(lang)


@exchange_app.command("request", help=t("cli.help.exchange_request"))
def request_command(
    source: Input, rules: Rules, to: To, out: Out,
    hashed: Hashed = False, key_file: KeyFile = None, as_json: AsJson = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """Write the least that a department has to be asked."""
    check_lang(lang)
    asked = _asked(source, rules, to, hashed=hashed, key_file=key_file)
    _write(out / "核对请求.xlsx", asked.workbook())
    _write(out / "反馈.schema.json", asked.schema())
    if as_json:
        print_json(
            {"status": 0, "people": len(asked.people), "kinds": asked.kinds, "left_out": asked.left_out}
        )
        return 0
    typer.echo(t("exchange.requested", people=len(asked.people), questions=len(asked.rows),
                 kinds="、".join(asked.kinds), folder=str(out)))  # fmt: skip
    typer.echo(t("exchange.left_out", **asked.left_out))
    return 0


@exchange_app.command("read", help=t("cli.help.exchange_read"))
def read_command(
    source: Input, answer: Answer, rules: Rules, from_: From, on: On, out: Csv,
    hashed: Hashed = False, key_file: KeyFile = None, as_json: AsJson = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """Take an answer back: keep what was asked for, set the rest aside."""
    check_lang(lang)
    from relief.evidence.exchange import read_reply, reply_csv

    asked = _asked(source, rules, from_, hashed=hashed, key_file=key_file)
    reply = read_reply(answer, asked, on=_day(on))
    _write(out, reply_csv(reply))
    aside = reply.rows_in - len(reply.rows)
    counts = {"rows": reply.rows_in, "used": len(reply.rows), "aside": aside, "answered": reply.answered,
              "asked": reply.asked, "unasked": reply.unasked}  # fmt: skip
    status = 1 if reply.faults else 0
    told = [
        {"place": fault.place(spoken()), "problem": fault.problem(spoken()), "cure": fault.cure(spoken())}
        for fault in reply.faults
    ]
    if as_json:
        print_json({"status": status, **counts, "faults": told})
        return status
    for fault in told:
        typer.echo(t("cli.fault", level=t("cli.level.fault"), **fault))
    typer.echo(t("exchange.read", **counts))
    if reply.unasked:
        typer.echo(t("exchange.unasked", headers=say("list.join", spoken()).join(reply.unasked)))
    typer.echo(t("exchange.written", name=str(out)))
    return status


@exchange_app.command("report", help=t("cli.help.exchange_report"))
def report_command(
    source: Input, rules: Rules, on: On, since: Since = None, as_json: AsJson = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """Tell what is confirmed, contradicted and unknown, and which source would settle most."""
    check_lang(lang)
    from relief.evidence.confirmation import confirmation, match_rates, settling
    from relief.evidence.discrepancies import discrepancies
    from relief.judging.eligibility import assess

    judged = assess(source, rules, on=_day(on))
    # Who ruled and why stands in the rulings; no name is printed.
    found = discrepancies(judged).drop(columns=["settled_by", "settled_why"])
    tables = {
        "confirmation": confirmation(judged, since=None if since is None else _day(since)),
        "sources": match_rates(judged), "settling": settling(judged),
    }  # fmt: skip
    status = 1 if len(found) else 0
    if as_json:
        content = {name: _plain(table.reset_index()) for name, table in tables.items()}
        print_json({"status": status, "discrepancies": _plain(found), **content})
        return status
    for name, table in tables.items():
        for row in _plain(table.reset_index()):
            typer.echo(t(f"exchange.{name}", **row))
    for row in _plain(found):
        words = {
            "effect": t(f"exchange.effect.{row['effect']}"),
            "went_by": t(f"exchange.by.{row['went_by']}", counts=row["counts"], settled_on=row["settled_on"]),
        }
        typer.echo(t("exchange.discrepancy", **{**row, **words}))
    return status


def _asked(source: Path, rules: str, department: str, *, hashed: bool, key_file: Path | None) -> Any:
    from relief.evidence.exchange import request
    from relief.intake.tables import read_tables
    from relief.rulepack import load_pack

    key = _key(key_file) if hashed or key_file is not None else None
    return request(read_tables(source), load_pack(rules), department, key=key)


def _key(file: Path | None) -> bytes:
    from relief.evidence.exchange import read_key

    if file is None:
        text = os.environ.get(_VARIABLE)
        if text is None:
            raise ExchangeError("exchange.no_key", name=_VARIABLE)
        return read_key(text.encode())
    try:
        return read_key(file.read_bytes())
    except OSError as error:
        raise ExchangeError("exchange.no_key", name=str(file)) from error


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise TableError("date.not_iso", value=text) from error


def _write(file: Path, data: bytes) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("xb") as target:
            target.write(data)
    except OSError as error:
        raise ExchangeError("exchange.exists", name=str(file), why=error.strerror or str(error)) from error


def _plain(table: Any) -> list[dict[str, Any]]:
    """Return rows as JSON may hold them: days as ISO text, what is not known as None."""
    return [
        {name: _cell(value) for name, value in row.items()} for row in table.astype(object).to_dict("records")
    ]


def _cell(value: Any) -> Any:
    import pandas as pd

    if pd.isna(value):
        return None
    return value.date().isoformat() if isinstance(value, pd.Timestamp) else value
