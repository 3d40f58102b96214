"""The commands that show a round from its folder: the report, the audit workbook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relief.cli.deciding import Folder, written
from relief.console import AsJson, Lang, check_lang, print_json, spoken, t
from relief.errors import ReliefError

if TYPE_CHECKING:
    from relief.round.pipeline import Round

__all__ = ["audit_command", "evaluate_command", "report_command"]


def _option(name: str, metavar: str, code: str) -> Any:
    return typer.Option(name, metavar=metavar, help=t(code))


ReportFile = Annotated[Path, _option("--out", "FILE.html", "cli.help.report_out")]
Full = Annotated[bool, typer.Option("--full", help=t("cli.help.full"))]
Charts = Annotated[Path | None, _option("--charts", "FOLDER", "cli.help.charts")]
AuditFile = Annotated[Path, _option("--out", "FILE.xlsx", "cli.help.audit_out")]
PlanFile = Annotated[Path, typer.Argument(metavar="FILE", help=t("cli.help.plan"))]
Rounds = Annotated[list[Path] | None, _option("--round", "FOLDER", "cli.help.round")]
EvaluationFolder = Annotated[Path, _option("--out", "FOLDER", "cli.help.evaluation_out")]
Names = Annotated[bool, typer.Option("--names", help=t("cli.help.names"))]


def report_command(
    folder: Folder, out: ReportFile, full: Full = False, charts: Charts = None, as_json: AsJson = False,
    lang: Lang = "zh",
) -> int:  # fmt: skip
    """Write the report of a round as one page."""
    check_lang(lang)
    _check_ending(out, ".html")
    from relief.procedure.noticing import fingerprint_in
    from relief.report import charts as drawn
    from relief.report import report
    from relief.round.verification import verified
    from relief.steps.taking import look

    held = look(folder)
    round_ = verified(held.files)
    page = report(round_, full=full, lang=spoken(), fingerprint=fingerprint_in(held) or None)
    files = {out: page}
    if charts is not None:
        files |= {charts / name: data for name, data in drawn(round_, lang=spoken()).items()}
    return _all_written(files, as_json)


def audit_command(
    folder: Folder, out: AuditFile, names: Names = False, as_json: AsJson = False, lang: Lang = "zh"
) -> int:
    """Write the workbook in which an auditor recomputes the split."""
    check_lang(lang)
    _check_ending(out, ".xlsx")
    from relief.audit import audit_workbook
    from relief.round.verification import verify

    return _all_written({out: audit_workbook(verify(folder), spoken(), names=names)}, as_json)


def evaluate_command(
    plan: PlanFile, out: EvaluationFolder, rounds: Rounds = None, as_json: AsJson = False, lang: Lang = "zh"
) -> int:
    """Write the self-evaluation of performance."""
    check_lang(lang)
    from relief.evaluation import evaluate, evaluation_paper, evaluation_workbook, read_plan
    from relief.papers.docx import to_docx

    found = evaluate(read_plan(plan), [_standing(folder) for folder in rounds or []])
    name, findings = t("cli.evaluation_name"), [finding.text(spoken()) for finding in found.findings]
    files = {
        out / f"{name}.docx": to_docx(evaluation_paper(found, spoken())),
        out / f"{name}.xlsx": evaluation_workbook(found, spoken()),
    }
    status = 1 if findings else 0
    if as_json:
        for path, data in files.items():
            written(path, data)
        score = None if found.score is None else str(found.score)
        told = {"status": status, "score": score, "grade": found.grade, "findings": findings}
        print_json({**told, "files": [str(path) for path in files]})
        return status
    _all_written(files, as_json=False)
    for text in findings:
        typer.echo(f"- {text}")
    unknown = t("cli.evaluation_unknown")
    typer.echo(t("cli.evaluated", score=found.score or unknown, grade=found.grade or unknown))
    return status


def _standing(folder: Path) -> Round:
    """Return a round as computed again; refuse one that another replaces, it would count twice."""
    from relief.round.verification import verified
    from relief.steps.taking import look

    held = look(folder)
    if held.state.superseded:
        raise ReliefError("cli.round_superseded", folder=str(folder), seal=held.state.superseded)
    return verified(held.files)


def _check_ending(out: Path, ending: str) -> None:
    if out.suffix.casefold() != ending:
        raise ReliefError("cli.ending", name=str(out), ending=ending)


def _all_written(files: dict[Path, bytes], as_json: bool) -> int:
    for path, data in files.items():
        written(path, data)
    if as_json:
        print_json({"files": [str(path) for path in files]})
    for path in files if not as_json else ():
        typer.echo(t("cli.file_written", name=str(path)))
    return 0
