"""The command line: arguments in, stages run, what a clerk reads out. No rule lives here.

Exit status 0 done, 1 done but a person must look at something, 2 the input or the call is
wrong. A traceback is never what a user sees. Nothing heavy is imported until a command runs.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from relief.errors import ReliefError
from relief.messages import LANGUAGES, Language, say

if TYPE_CHECKING:
    from relief.faults import Fault
    from relief.pipeline import Round

__all__ = ["main"]

_MOST_SHOWN = 20
_INTERRUPTED = 130


def _language(arguments: list[str]) -> Language:
    """Return the language that a call asks for, before any of it is parsed: help texts need it."""
    wanted = os.environ.get("RELIEF_LANG", "zh")
    for at, word in enumerate(arguments):
        if word == "--lang" and at + 1 < len(arguments):
            wanted = arguments[at + 1]
        elif word.startswith("--lang="):
            wanted = word.removeprefix("--lang=")
    return "en" if wanted == "en" else "zh"


LANG: Language = _language(sys.argv[1:])


def _t(code: str, /, **facts: object) -> str:
    return say(code, LANG, **facts)


Input = Annotated[Path, typer.Argument(metavar="FILE", help=_t("cli.help.input"))]
Rules = Annotated[str, typer.Option("--rules", metavar="PACK", help=_t("cli.help.rules"))]
Fund = Annotated[str, typer.Option("--fund", metavar="YUAN", help=_t("cli.help.fund"))]
On = Annotated[str, typer.Option("--on", metavar="YYYY-MM-DD", help=_t("cli.help.on"))]
Districts = Annotated[str, typer.Option("--districts", metavar="PACK|any", help=_t("cli.help.districts"))]
Out = Annotated[Path, typer.Option("--out", metavar="FOLDER", help=_t("cli.help.out"))]
Overwrite = Annotated[bool, typer.Option("--overwrite", help=_t("cli.help.overwrite"))]
Unit = Annotated[str, typer.Option("--unit", metavar="YUAN", help=_t("cli.help.unit"))]
AsJson = Annotated[bool, typer.Option("--json", help=_t("cli.help.json"))]
Version = Annotated[bool, typer.Option("--version", is_eager=True, help=_t("cli.help.version"))]
Lang = Annotated[str, typer.Option("--lang", metavar="zh|en", help=_t("cli.help.lang"))]

app = typer.Typer(
    name="relief",
    help=_t("cli.help"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
rules_app = typer.Typer(help=_t("cli.help.rules_command"), no_args_is_help=True)
app.add_typer(rules_app, name="rules")


@app.callback()
def _everything(version: Version = False, lang: Lang = "zh") -> None:
    _check_lang(lang)
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"relief {installed('relief')}")
        raise typer.Exit


@app.command("run", help=_t("cli.help.run"))
def run_command(
    source: Input, rules: Rules, fund: Fund, on: On, out: Out,
    unit: Unit = "0.01", overwrite: Overwrite = False, as_json: AsJson = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """Judge the households of a workbook and divide the fund."""
    _check_lang(lang)
    from relief.folder import check_target
    from relief.money import fen
    from relief.pipeline import run

    check_target(out, overwrite=overwrite)
    with _Stages() as stages:
        round_ = run(source, rules, fen(fund), on=on, unit_fen=fen(unit), progress=stages.tell)
        stages.tell("stage.write")
        round_.save(out, overwrite=overwrite)
    return _reported(round_, out, as_json)


@app.command("allocate", help=_t("cli.help.allocate"))
def allocate_command(
    source: Input, fund: Fund, out: Out,
    districts: Districts = "jiangmen-2021",
    unit: Unit = "0.01", overwrite: Overwrite = False, as_json: AsJson = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """Divide the fund over a roster that is recognised already."""
    _check_lang(lang)
    from relief.folder import check_target
    from relief.money import fen
    from relief.pipeline import split

    check_target(out, overwrite=overwrite)
    with _Stages() as stages:
        round_ = split(source, fen(fund), unit_fen=fen(unit), progress=stages.tell, districts=districts)
        stages.tell("stage.write")
        round_.save(out, overwrite=overwrite)
    return _reported(round_, out, as_json)


@app.command("check", help=_t("cli.help.check"))
def check_command(
    source: Input,
    districts: Districts = "jiangmen-2021",
    as_json: AsJson = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """Read a workbook and list every fault with its place and cure."""
    _check_lang(lang)
    from relief.rulepack import load_pack
    from relief.tables import read_tables

    known = () if districts == "any" else load_pack(districts).districts
    tables = read_tables(source).located(known)
    found = {
        level: [f for f in tables.faults if f.severity == level] for level in ("fault", "warning", "notice")
    }
    rows = {table: len(frame) for table, frame in tables.frames.items()}
    if as_json:
        _print_json(
            {"rows": rows, **{level: [_fault_json(f) for f in faults] for level, faults in found.items()}}
        )
    else:
        for table, count in rows.items():
            typer.echo(_t("cli.rows", table=_t(f"table.{table}"), count=count))
        _print_faults(tables.faults, most=None)
        typer.echo(
            _t(
                "cli.checked",
                faults=len(found["fault"]),
                warnings=len(found["warning"]),
                notices=len(found["notice"]),
            )
        )
    return 1 if found["fault"] or found["warning"] else 0


@app.command("template", help=_t("cli.help.template"))
def template_command(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=_t("cli.help.template_out"))],
    lang: Lang = "zh",
) -> int:
    """Write an empty workbook with every column that is read."""
    _check_lang(lang)
    from relief.template import template

    try:
        with out.open("xb") as file:
            file.write(template())
    except OSError as error:
        raise ReliefError("cli.cannot_write", name=str(out), why=error.strerror or str(error)) from error
    typer.echo(_t("cli.template", name=str(out)))
    return 0


@app.command("verify", help=_t("cli.help.verify"))
def verify_command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help=_t("cli.help.folder"))],
    as_json: AsJson = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """Check every byte of a round's folder and compute it again."""
    _check_lang(lang)
    from relief.record import parse_record
    from relief.verification import verify

    again = verify(folder)
    seal = parse_record((folder / "record.json").read_bytes())["seal"]
    facts = {"folder": str(folder), "files": len(again.files()), "seal": seal}
    if as_json:
        _print_json({"verified": True, **facts})
    else:
        typer.echo(_t("round.verified", **facts))
    return 0


@rules_app.callback()
def _rules(lang: Lang = "zh") -> None:
    _check_lang(lang)


@rules_app.command("list", help=_t("cli.help.rules_list"))
def rules_list(as_json: AsJson = False, lang: Lang = "zh") -> int:
    """List the packs that ship."""
    _check_lang(lang)
    from relief.rulepack import installed_packs, load_pack

    packs = [load_pack(name) for name in installed_packs()]
    titles = {pack.name: pack.title if LANG == "zh" else pack.title_en for pack in packs}
    if as_json:
        _print_json(titles)
    else:
        for name, title in titles.items():
            typer.echo(f"{name}  {title}")
    return 0


@rules_app.command("show", help=_t("cli.help.rules_show"))
def rules_show(
    pack: Annotated[str, typer.Argument(metavar="PACK", help=_t("cli.help.rules"))],
    as_json: AsJson = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """Show a pack: its parameters, rules and categories, each with its source."""
    _check_lang(lang)
    from relief.rulepack import load_pack
    from relief.rulepack.showing import pack_lines, pack_plain

    loaded = load_pack(pack)
    if as_json:
        _print_json(pack_plain(loaded))
    else:
        typer.echo("\n".join(pack_lines(loaded, LANG)))
    return 0


# --- what a command says --------------------------------------------------------------------------


class _Stages:
    """Tell on a terminal which stage runs, on the error stream; say nothing to a pipe."""

    def __init__(self) -> None:
        self._status: Any = None

    def __enter__(self) -> _Stages:
        if sys.stderr.isatty():
            from rich.console import Console

            self._status = Console(stderr=True).status(_t("stage.read"))
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def tell(self, stage: str) -> None:
        """Name the stage that begins."""
        if self._status is not None:
            self._status.update(_t(stage))


def _check_lang(lang: str) -> None:
    if lang not in LANGUAGES:
        raise ReliefError("cli.unknown_lang", value=lang)


def _reported(round_: Round, out: Path, as_json: bool) -> int:
    status = 1 if round_.needs_a_person else 0
    if as_json:
        _print_json(_round_json(round_, out, status))
        return status
    from relief import summary

    for line in [*summary.counts_lines(round_, LANG), "", *summary.district_lines(round_, LANG), "",
                 *summary.money_lines(round_, LANG)]:  # fmt: skip
        typer.echo(line)
    _print_faults(round_.tables.faults, most=_MOST_SHOWN, aside=round_.set_aside)
    judged = round_.assessment
    if judged is not None:
        if len(judged.attention):
            typer.echo(_t("cli.attention", count=len(judged.attention)))
        told = judged.not_sourced(LANG)
        if told:
            typer.echo(_t("cli.not_sourced", count=len(told), names=say("list.join", LANG).join(told)))
    typer.echo(_t("cli.written", folder=str(out), count=len(round_.files()), seal=round_.seal))
    if status:
        typer.echo(_t("cli.look"))
    return status


def _round_json(round_: Round, out: Path, status: int) -> dict[str, Any]:
    from relief.money import yuan

    plan, table = round_.allocation, round_.districts
    return {
        "status": status,
        "folder": str(out),
        "counts": round_.counts,
        "fund_yuan": str(yuan(int(round_.call["fund_fen"]))),
        "awards_yuan": str(yuan(0 if plan is None else int(plan.awards_fen.sum()))),
        "districts": [
            {"district": str(name), "households": int(count), "claim_yuan": str(yuan(int(claim))),
             "award_yuan": str(yuan(int(award)))}
            for name, count, claim, award in zip(
                table.index, table["households"], table["claim_fen"], table["award_fen"], strict=True)
        ],
        "findings": [_fault_json(fault) for fault in round_.tables.faults[:1000]],
        "not_sourced": round_.assessment.not_sourced(LANG) if round_.assessment else {},
    }  # fmt: skip


def _fault_json(fault: Fault) -> dict[str, Any]:
    from relief.messages import mask

    return {
        "severity": fault.severity, "code": fault.code, "source": fault.source, "sheet": fault.sheet,
        "row": fault.row, "column": fault.column, "header": fault.header,
        "household_id": mask(fault.household_id), "value": fault.value,
        "problem": fault.problem(LANG), "cure": fault.cure(LANG),
    }  # fmt: skip


def _print_faults(
    faults: tuple[Fault, ...], *, most: int | None, aside: frozenset[object] | None = None
) -> None:
    """Print faults, the worst first; where it is known say which ones set a row aside."""
    ordered = [f for level in ("fault", "warning", "notice") for f in faults if f.severity == level]
    for fault in ordered[:most]:
        typer.echo(_t("cli.fault", level=_t(f"cli.level.{_level(fault, aside)}"), place=fault.place(LANG),
                      problem=fault.problem(LANG), cure=fault.cure(LANG)))  # fmt: skip
    if most is not None and len(ordered) > most:
        typer.echo(_t("cli.more_faults", count=len(ordered) - most))


def _level(fault: Fault, aside: frozenset[object] | None) -> str:
    if aside is None or fault.severity != "fault":
        return fault.severity
    return "aside" if fault.at in aside or fault.household_id in aside else "used"


def _print_json(content: object) -> None:
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2))


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
            _print_json({"status": 2, "error": error.code, "message": error.text(LANG)})
        typer.echo(_t("cli.error", message=error.text(LANG)), err=True)
        return 2
    except (KeyboardInterrupt, typer.Abort):
        typer.echo(_t("cli.interrupted"), err=True)
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader of our output, such as `head`, has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        typer.echo(_t("cli.error", message=_t("cli.memory")), err=True)
        return 2
    except Exception as error:
        message = _wrong_call(error)
        typer.echo(_t("cli.error", message=message) if message else "", err=True)
        return 2


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
        return _t("cli.no_such_command", name=unknown[1])
    if kind == "NoSuchOption":
        return _t("cli.no_such_option", name=option)
    if kind == "MissingParameter":
        return _t("cli.missing", name=name)
    if hasattr(error, "format_message"):
        return _t("cli.wrong_call", message=str(error.format_message()))
    return _t("cli.unforeseen", kind=kind)
