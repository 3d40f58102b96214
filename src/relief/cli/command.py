"""The command line: arguments in, stages run, what a clerk reads out. No rule lives here.

Exit status 0 done, 1 done but a person must look at something, 2 the input or the call is
wrong. A traceback is never what a user sees. Nothing heavy is imported until a command runs.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from relief.cli import splitting as how
from relief.cli.conformance import conformance_command
from relief.cli.deciding import (
    approve_command,
    object_command,
    review_command,
    settle_command,
    status_command,
)
from relief.cli.exchange import exchange_app
from relief.cli.noticing import (
    key_command,
    letters_command,
    notice_command,
    proof_command,
    sign_command,
)
from relief.cli.paying import close_command, correct_command, pay_command, returned_command
from relief.cli.reading import (
    Districts,
    From,
    Input,
    Map,
    MapFile,
    check_command,
    chosen,
    fault_json,
    print_faults,
    read_source,
)  # fmt: skip
from relief.cli.rules import rules_app
from relief.cli.showing import audit_command, evaluate_command, report_command
from relief.cli.stores import export_command
from relief.cli.templates import schema_command, template_command
from relief.cli.verifying import verify_command
from relief.console import AsJson, Lang, check_lang, print_json, spoken, t
from relief.errors import AllocationError, MethodError, ReliefError
from relief.messages import say

if TYPE_CHECKING:
    from relief.allocation import Allocation
    from relief.round.pipeline import Round

__all__ = ["main"]

_MOST_SHOWN = 20
_INTERRUPTED = 130


Rules = Annotated[str, typer.Option("--rules", metavar="PACK", help=t("cli.help.rules"))]
Fund = Annotated[str, typer.Option("--fund", metavar="YUAN", help=t("cli.help.fund"))]
On = Annotated[str, typer.Option("--on", metavar="YYYY-MM-DD", help=t("cli.help.on"))]
Out = Annotated[Path, typer.Option("--out", metavar="FOLDER", help=t("cli.help.out"))]
Overwrite = Annotated[bool, typer.Option("--overwrite", help=t("cli.help.overwrite"))]
Format = Annotated[str, typer.Option("--format", metavar="csv|parquet", help=t("cli.help.format"))]
Unit = Annotated[str, typer.Option("--unit", metavar="YUAN", help=t("cli.help.unit"))]
Version = Annotated[bool, typer.Option("--version", is_eager=True, help=t("cli.help.version"))]

app = typer.Typer(
    name="relief",
    help=t("cli.help"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(rules_app, name="rules")
app.add_typer(exchange_app, name="exchange")
app.command("conformance", help=t("cli.help.conformance"))(conformance_command)
app.command("check", help=t("cli.help.check"))(check_command)
app.command("export", help=t("cli.help.export"))(export_command)
app.command("compare", help=t("cli.help.compare"))(how.compare_command)
app.command("template", help=t("cli.help.template"))(template_command)
app.command("schema", help=t("cli.help.schema"))(schema_command)
app.command("verify", help=t("cli.help.verify"))(verify_command)
app.command("status", help=t("cli.help.status"))(status_command)
app.command("review", help=t("cli.help.review"))(review_command)
app.command("object", help=t("cli.help.object"))(object_command)
app.command("settle", help=t("cli.help.settle"))(settle_command)
app.command("approve", help=t("cli.help.approve"))(approve_command)
app.command("notice", help=t("cli.help.notice"))(notice_command)
app.command("pay", help=t("cli.help.pay"))(pay_command)
app.command("returned", help=t("cli.help.returned"))(returned_command)
app.command("close", help=t("cli.help.close"))(close_command)
app.command("correct", help=t("cli.help.correct"))(correct_command)
app.command("letters", help=t("cli.help.letters"))(letters_command)
app.command("proof", help=t("cli.help.proof"))(proof_command)
app.command("report", help=t("cli.help.report"))(report_command)
app.command("evaluate", help=t("cli.help.evaluate"))(evaluate_command)
app.command("audit", help=t("cli.help.audit"))(audit_command)
app.command("sign", help=t("cli.help.sign"))(sign_command)
app.command("key", help=t("cli.help.key_make"))(key_command)


@app.callback(invoke_without_command=True)
def _everything(context: typer.Context, version: Version = False, lang: Lang = "zh") -> None:
    check_lang(lang)
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"relief {installed('relief')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        context.fail(t("cli.no_command"))


@app.command("run", help=t("cli.help.run"))
def run_command(
    rules: Rules, fund: Fund, on: On, out: Out, source: Input = None, from_: From = None,
    method: how.Method = "proportional", rounding: how.Rounding = "largest_remainder",
    surplus: how.Surplus = "error",
    unit: Unit = "0.01", map_: Map = None, map_file: MapFile = None,
    file_format: Format = "csv", overwrite: Overwrite = False, as_json: AsJson = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """Judge the households of a workbook and divide the fund."""
    check_lang(lang)
    from relief.money import fen
    from relief.round.folder import check_target
    from relief.round.parquet import check_format
    from relief.round.pipeline import run

    check_target(out, overwrite=overwrite)
    check_format(file_format)
    if method in how.BY_COLUMN:
        raise MethodError("cli.by_column", method=method)
    with _Stages() as stages:
        round_ = how.divided(lambda: run(
            read_source(chosen(source, from_), map_, map_file), rules, fen(fund), on=on, method=method,
            rounding=rounding, unit_fen=fen(unit), surplus=surplus, progress=stages.tell,
        ).written_as(file_format))  # fmt: skip
        stages.tell("stage.write")
        round_.save(out, overwrite=overwrite)
    return _reported(round_, out, as_json)


@app.command("allocate", help=t("cli.help.allocate"))
def allocate_command(
    fund: Fund, out: Out, source: Input = None, from_: From = None,
    districts: Districts = "jiangmen-2021",
    method: how.Method = "proportional", rounding: how.Rounding = "largest_remainder", unit: Unit = "0.01",
    floor: how.Floor = None, cap: how.Cap = None, above_claim: how.AboveClaim = False,
    paid: how.Paid = None,
    surplus: how.Surplus = "error", shortage: how.Shortage = None,
    group: how.Group = None, group_fund: how.GroupFund = None, group_funds: how.GroupFunds = None,
    source_of_fund: how.Source = None, category: how.Category = None, amount: how.Amount = None,
    order: how.Order = None, within: how.Within = None, weight: how.Weight = None, tiers: how.Tiers = None,
    certificate: how.Certificate = False,
    map_: Map = None, map_file: MapFile = None,
    file_format: Format = "csv", overwrite: Overwrite = False, as_json: AsJson = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """Divide the fund over a roster that is recognised already."""
    check_lang(lang)
    from relief.money import fen
    from relief.round.folder import check_target
    from relief.round.parquet import check_format
    from relief.round.pipeline import split

    check_target(out, overwrite=overwrite)
    check_format(file_format)
    terms = how.terms_of(
        surplus=surplus, shortage=shortage, floor=floor, cap=cap, paid=paid, group=group,
        group_fund=group_fund, group_funds=group_funds, source=source_of_fund, category=category,
        amount=amount, order=order, within=within, weight=weight, tiers=tiers, above_claim=above_claim,
    )  # fmt: skip
    with _Stages() as stages:
        round_ = how.divided(lambda: split(
            read_source(chosen(source, from_), map_, map_file), fen(fund), method=method, rounding=rounding,
            unit_fen=fen(unit), progress=stages.tell, districts=districts, certificate=certificate, **terms,
        ).written_as(file_format))  # fmt: skip
        stages.tell("stage.write")
        round_.save(out, overwrite=overwrite)
    return _reported(round_, out, as_json)


# --- what a command says --------------------------------------------------------------------------


class _Stages:
    """Tell on a terminal which stage runs, on the error stream; say nothing to a pipe."""

    def __init__(self) -> None:
        self._status: Any = None

    def __enter__(self) -> _Stages:
        if sys.stderr.isatty():
            from rich.console import Console

            self._status = Console(stderr=True).status(t("stage.read"))
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def tell(self, stage: str) -> None:
        """Name the stage that begins."""
        if self._status is not None:
            self._status.update(t(stage))


def _reported(round_: Round, out: Path, as_json: bool) -> int:
    status = 1 if round_.needs_a_person else 0
    if as_json:
        print_json(_round_json(round_, out, status))
        return status
    from relief.round import parquet, summary

    named = parquet.renamed if round_.call.get("format") == "parquet" else str
    for line in [*summary.counts_lines(round_, spoken()), "", *summary.district_lines(round_, spoken()), "",
                 *summary.money_lines(round_, spoken()),
                 *summary.evidence_lines(round_, spoken())]:  # fmt: skip
        typer.echo(named(line))
    print_faults(round_.tables.faults, most=_MOST_SHOWN, aside=round_.set_aside)
    judged = round_.assessment
    if judged is not None:
        if len(judged.attention):
            typer.echo(named(t("cli.attention", count=len(judged.attention))))
        told = judged.not_sourced(spoken())
        if told:
            typer.echo(t("cli.not_sourced", count=len(told), names=say("list.join", spoken()).join(told)))
    typer.echo(t("cli.written", folder=str(out), count=len(round_.files()), seal=round_.seal))
    if status:
        typer.echo(t("cli.look"))
    return status


def _round_json(round_: Round, out: Path, status: int) -> dict[str, Any]:
    from relief.money import yuan

    plan, table = round_.allocation, round_.districts
    return {
        "status": status,
        "folder": str(out),
        "counts": round_.counts,
        **({"discrepancies": round_.evidence.counts} if round_.evidence.counts else {}),
        "fund_yuan": str(yuan(int(round_.call["fund_fen"]))),
        "awards_yuan": str(yuan(0 if plan is None else int(plan.awards_fen.sum()))),
        **({} if plan is None else _plan_json(plan)),
        "districts": [
            {"district": str(name), "households": int(count), "claim_yuan": str(yuan(int(claim))),
             "award_yuan": str(yuan(int(award)))}
            for name, count, claim, award in zip(
                table.index, table["households"], table["claim_fen"], table["award_fen"], strict=True)
        ],
        "findings": [fault_json(fault) for fault in round_.tables.faults[:1000]],
        "not_sourced": round_.assessment.not_sourced(spoken()) if round_.assessment else {},
    }  # fmt: skip


def _plan_json(plan: Allocation) -> dict[str, Any]:
    """Return what was returned, and what became of the groups' funds and the sources where there are any."""
    from relief.money import yuan

    told: dict[str, Any] = {"returned_yuan": str(yuan(plan.returned_fen))}
    if plan.parts[0].group.name is not None:
        told["groups"] = [
            {"group": str(name), "households": row["households"], "fund_yuan": str(yuan(row["fund_fen"])),
             "award_yuan": str(yuan(row["award_fen"]))}
            for name, row in plan.groups.to_dict("index").items()
        ]  # fmt: skip
    sources = plan.reconciliation.get("sources", {})
    if sources:
        told["sources"] = [
            {"source": name, "fund_yuan": str(yuan(row["fund_fen"])), "award_yuan": str(yuan(row["sum_fen"]))}
            for name, row in sources.items()
        ]
    return told


# --- the way out ----------------------------------------------------------------------------------


def main() -> None:
    """Run the command line and leave with its exit status."""
    for stream in (sys.stdout, sys.stderr):
        cast("Any", stream).reconfigure(encoding="utf-8", errors="replace")
    sys.exit(_status(lambda: app(standalone_mode=False)))


def _status(command: Callable[[], Any]) -> int:
    try:
        status = int(command() or 0)
        if status == _INTERRUPTED:
            raise KeyboardInterrupt
        return status
    except ReliefError as error:
        if "--json" in sys.argv:
            print_json({"status": 2, "error": error.code, "message": _message(error)})
        typer.echo(t("cli.error", message=_message(error)), err=True)
        return 2
    except (KeyboardInterrupt, typer.Abort):
        typer.echo(t("cli.interrupted"), err=True)
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader of our output, such as `head`, has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        typer.echo(t("cli.error", message=t("cli.memory")), err=True)
        return 2
    except Exception as error:
        message = _wrong_call(error)
        typer.echo(t("cli.error", message=message) if message else "", err=True)
        return 2


def _message(error: ReliefError) -> str:
    text = error.text(spoken())
    return how.in_options(text) if isinstance(error, AllocationError) else text


def _wrong_call(error: Exception) -> str:
    """Word a wrong call in the user's language; anything unforeseen by its kind, never by a traceback."""
    kind = type(error).__name__
    option = getattr(error, "option_name", "")
    param = getattr(error, "param", None)
    name = "/".join(getattr(param, "opts", [])) if param is not None else ""
    name = getattr(param, "metavar", None) or name if name and not name.startswith("-") else name
    if kind == "NoArgsIsHelpError":
        return ""
    unknown = re.match(r"No such command '(.*?)'", str(error))
    if unknown:
        return t("cli.no_such_command", name=unknown[1])
    if kind == "NoSuchOption":
        return t("cli.no_such_option", name=option)
    if kind == "MissingParameter":
        return t("cli.missing", name=name)
    if hasattr(error, "format_message"):
        return t("cli.wrong_call", message=str(error.format_message()))
    return t("cli.unforeseen", kind=kind)
