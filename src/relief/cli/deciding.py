"""The commands of steps that people decide, review to approval; and where a round stands."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relief.console import AsJson, Lang, check_lang, print_json, spoken, t
from relief.errors import ReliefError

if TYPE_CHECKING:
    from relief.steps.taking import Held

__all__ = [
    "By", "Folder", "Household", "On", "Papers", "Why", "approve_command", "object_command", "read_papers",
    "review_command", "settle_command", "status_command", "told", "written",
]  # fmt: skip

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help=t("cli.help.folder"))]
Household = Annotated[str, typer.Argument(metavar="HOUSEHOLD", help=t("cli.help.household"))]
On = Annotated[str, typer.Option("--on", metavar="YYYY-MM-DD", help=t("cli.help.step_on"))]
By = Annotated[str, typer.Option("--by", metavar="NAME", help=t("cli.help.by"))]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help=t("cli.help.why"))]
Papers = Annotated[list[Path] | None, typer.Option("--paper", metavar="FILE", help=t("cli.help.paper"))]
Finding = Annotated[str, typer.Option("--finding", metavar="upheld|rejected", help=t("cli.help.finding"))]


def read_papers(papers: list[Path] | None) -> dict[str, bytes]:
    """Return papers by their names.

    Raises
    ------
    ReliefError
        If one cannot be read, or two have one name.
    """
    found: dict[str, bytes] = {}
    # One name on every system: Windows tells no large letters from small ones, macOS takes accents apart.
    names: set[str] = set()
    for path in papers or []:
        name = unicodedata.normalize("NFC", path.name).casefold()
        if name in names:
            raise ReliefError("cli.paper_twice", name=path.name)
        names.add(name)
        try:
            found[path.name] = path.read_bytes()
        except OSError as error:
            why = error.strerror or str(error)
            raise ReliefError("cli.cannot_read", name=str(path), why=why) from error
    return found


def written(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a file that is not there yet; a private one for its owner alone.

    Raises
    ------
    ReliefError
        If it is there, or cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            if private:
                path.chmod(0o600)
            file.write(data)
    except OSError as error:
        raise ReliefError("cli.cannot_write", name=str(path), why=error.strerror or str(error)) from error


def told(held: Held, folder: Path, as_json: bool) -> int:
    """Say where the round stands after a step."""
    if as_json:
        print_json(_plain(held, folder))
        return 0
    last = held.steps[-1]
    from relief.steps.wording import stage_name, step_name

    facts = {"step": step_name(last.name, spoken()), "on": last.on, "by": last.by}
    typer.echo(t("cli.step_taken", number=last.number, **facts))
    for line in _open(held):
        typer.echo(line)
    typer.echo(t("cli.step_stage", stage=stage_name(held.state.stage, spoken()), head=held.head))
    return 0


def review_command(
    folder: Folder, on: On, by: By, paper: Papers = None, as_json: AsJson = False, lang: Lang = "zh"
) -> int:
    """Enter the peer review of a round."""
    check_lang(lang)
    from relief.procedure import review

    return told(review(folder, on=on, by=by, papers=read_papers(paper)), folder, as_json)


def object_command(
    folder: Folder, household: Household, on: On, by: By, why: Why, as_json: AsJson = False, lang: Lang = "zh"
) -> int:
    """Enter an objection during the notice."""
    check_lang(lang)
    from relief.procedure import object_to

    return told(object_to(folder, household, on=on, by=by, why=why), folder, as_json)


def settle_command(
    folder: Folder, household: Household, on: On, by: By, why: Why, finding: Finding, paper: Papers = None,
    as_json: AsJson = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """Enter what the new review made of an objection."""
    check_lang(lang)
    from relief.procedure import settle

    papers = read_papers(paper)
    held = settle(folder, household, on=on, by=by, finding=finding, why=why, papers=papers)
    return told(held, folder, as_json)


def approve_command(
    folder: Folder, on: On, by: By, paper: Papers = None, as_json: AsJson = False, lang: Lang = "zh"
) -> int:
    """Enter the approval of a round."""
    check_lang(lang)
    from relief.procedure import approve

    return told(approve(folder, on=on, by=by, papers=read_papers(paper)), folder, as_json)


def status_command(folder: Folder, as_json: AsJson = False, lang: Lang = "zh") -> int:
    """Say where a round stands, and what was done with it."""
    check_lang(lang)
    from relief.procedure import look
    from relief.steps.wording import stage_name, step_name

    held = look(folder)
    if as_json:
        print_json(_plain(held, folder))
        return 0
    for step in held.steps:
        papers = t("cli.step_papers", count=len(step.papers)) if step.papers else ""
        name = step_name(step.name, spoken())
        typer.echo(t("cli.step_line", number=step.number, on=step.on, step=name, by=step.by, papers=papers))
    for line in _open(held):
        typer.echo(line)
    typer.echo(t("cli.step_stage", stage=stage_name(held.state.stage, spoken()), head=held.head))
    return 0


def _open(held: Held) -> list[str]:
    """Return what stands against the next step, as lines."""
    state = held.state
    lines = []
    if state.stage == "noticed" and state.notice_ends:
        lines.append(t("cli.notice_until", last_day=state.notice_ends.isoformat()))
    for code, households in (
        ("cli.open_objections", state.objected),
        ("cli.open_corrections", state.to_correct),
        ("cli.open_notices", state.to_notice),
    ):
        if households:
            lines.append(t(code, households="、".join(sorted(households))))
    if state.superseded:
        lines.append(t("cli.superseded", seal=state.superseded))
    return lines


def _plain(held: Held, folder: Path) -> dict[str, Any]:
    state = held.state
    return {
        "folder": str(folder),
        "stage": state.stage,
        "fingerprint": held.head,
        "notice_ends": state.notice_ends.isoformat() if state.notice_ends else None,
        "objected": sorted(state.objected),
        "to_correct": sorted(state.to_correct),
        "to_notice": sorted(state.to_notice),
        "superseded_by": state.superseded or None,
        "steps": [
            {"number": s.number, "step": s.name, "on": s.on, "by": s.by, "papers": sorted(s.papers)}
            for s in held.steps
        ],
    }
