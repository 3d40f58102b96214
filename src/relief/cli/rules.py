"""The commands about rule packs: list, show, explain, check, test, prove, diff."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relief.console import AsJson, Lang, check_lang, print_json, spoken, t
from relief.errors import TableError

if TYPE_CHECKING:
    from relief.review.cases import Case, Result
    from relief.review.mutation import Mutation
    from relief.rulepack import Pack

__all__ = ["rules_app"]

Pack_ = Annotated[str, typer.Argument(metavar="PACK", help=t("cli.help.rules"))]
Other = Annotated[str, typer.Argument(metavar="OTHER", help=t("cli.help.rules"))]

rules_app = typer.Typer(help=t("cli.help.rules_command"), no_args_is_help=True)


@rules_app.callback()
def _rules(lang: Lang = "zh") -> None:
    check_lang(lang)


@rules_app.command("list", help=t("cli.help.rules_list"))
def rules_list(as_json: AsJson = False, lang: Lang = "zh") -> int:
    """List the packs that ship."""
    check_lang(lang)
    from relief.rulepack import installed_packs, load_pack

    packs = [load_pack(name) for name in installed_packs()]
    titles = {pack.name: pack.title if spoken() == "zh" else pack.title_en for pack in packs}
    if as_json:
        print_json(titles)
    else:
        for name, title in titles.items():
            typer.echo(f"{name}  {title}")
    return 0


@rules_app.command("show", help=t("cli.help.rules_show"))
def rules_show(pack: Pack_, as_json: AsJson = False, lang: Lang = "zh") -> int:
    """Show a pack: its parameters, rules and categories, each with its source."""
    check_lang(lang)
    from relief.rulepack import load_pack
    from relief.rulepack.showing import pack_lines, pack_plain

    loaded = load_pack(pack)
    if as_json:
        print_json(pack_plain(loaded))
    else:
        typer.echo("\n".join(pack_lines(loaded, spoken())))
    return 0


@rules_app.command("explain", help=t("cli.help.rules_explain"))
def rules_explain(
    pack: Pack_,
    rule: Annotated[str, typer.Argument(metavar="RULE", help=t("cli.help.rule"))],
    as_json: AsJson = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """Show one rule in words, with the phrase of its text."""
    check_lang(lang)
    from relief.rulepack import load_pack
    from relief.rulepack.showing import part_plain, rule_lines

    loaded = load_pack(pack)
    lines = rule_lines(loaded, rule, spoken())
    if as_json:
        print_json({"rule": rule, "part": part_plain(loaded, rule), "lines": lines})
    else:
        typer.echo("\n".join(lines))
    return 0


@rules_app.command("check", help=t("cli.help.rules_check"))
def rules_check(
    pack: Pack_,
    cases: Annotated[bool, typer.Option("--cases", help=t("cli.help.with_cases"))] = False,
    as_json: AsJson = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """Load a pack, and tell what of it should still be looked at."""
    check_lang(lang)
    from relief.review.cases import read_cases, run_cases
    from relief.rulepack import load_pack
    from relief.rulepack.review import review

    loaded = load_pack(pack)
    found = review(loaded)
    results = run_cases(loaded, read_cases(pack)) if cases else []
    failed = [result for result in results if not result.passed]
    status = 1 if failed or any(finding.level == "warning" for finding in found) else 0
    if as_json:
        findings = [{"level": f.level, "code": f.code, "problem": f.text(spoken())} for f in found]
        print_json({"status": status, "pack": loaded.name, "findings": findings, "failed": _plain(failed)})
        return status
    for finding in found:
        typer.echo(t("rules.finding", level=t(f"cli.level.{finding.level}"), problem=finding.text(spoken())))
    if cases:
        _echo(_case_lines(results))
    typer.echo(t("rules.checked", pack=loaded.name, count=sum(f.level == "warning" for f in found)))
    return status


@rules_app.command("test", help=t("cli.help.rules_test"))
def rules_test(
    pack: Pack_,
    coverage: Annotated[bool, typer.Option("--coverage", help=t("cli.help.coverage"))] = False,
    mutate: Annotated[bool, typer.Option("--mutate", help=t("cli.help.mutate"))] = False,
    boundaries: Annotated[bool, typer.Option("--boundaries", help=t("cli.help.boundaries"))] = False,
    as_json: AsJson = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """Judge a pack's own cases, and tell what they leave unseen."""
    check_lang(lang)
    from relief.review.cases import case_text, read_cases, run_cases
    from relief.rulepack import load_pack

    loaded = load_pack(pack)
    cases = read_cases(pack)
    results = run_cases(loaded, cases)
    failed = [result for result in results if not result.passed]
    content: dict[str, Any] = {"pack": loaded.name, "cases": len(cases), "failed": _plain(failed)}
    lines = _case_lines(results)
    if coverage:
        content["unseen"] = _unseen(loaded, cases)
        lines += content["unseen"]
    if mutate:
        content["mutation"], told = _mutated(loaded, cases)
        lines += told
    made = _made(loaded, cases) if boundaries else []
    status = 0 if results and not failed else 1
    if as_json:
        content |= {"boundaries": [case_text(case) for case in made]} if boundaries else {}
        print_json({"status": status, **content})
        return status
    # What is printed with new cases can be appended to the pack's file as it is.
    _echo([f"# {line}" for line in lines] if boundaries else lines)
    typer.echo("".join(map(case_text, made)), nl=False)
    return status


def _unseen(pack: Pack, cases: tuple[Case, ...]) -> list[str]:
    from relief.review.coverage import cover

    return cover(pack, cases).lines(spoken()) or [t("coverage.full")]


def _mutated(pack: Pack, cases: tuple[Case, ...]) -> tuple[dict[str, Any], list[str]]:
    from relief.review.mutation import mutate

    found: Mutation = mutate(pack, cases)
    survivors = [mutant.line(spoken()) for mutant in found.survivors]
    plain = {"made": found.made, "noticed": found.made - len(survivors), "survivors": survivors}
    return plain, found.lines(spoken())


def _made(pack: Pack, cases: tuple[Case, ...]) -> list[Case]:
    from relief.review.coverage import boundary_cases

    return boundary_cases(pack, cases)


def _case_lines(results: list[Result]) -> list[str]:
    lines = [line for result in results if not result.passed for line in result.block(spoken())]
    passed = sum(result.passed for result in results)
    return [*lines, t("case.passed", passed=passed, count=len(results))]


def _plain(results: list[Result]) -> list[dict[str, Any]]:
    return [{"id": result.case.id, "problems": result.lines(spoken())} for result in results]


def _echo(lines: list[str]) -> None:
    for line in lines:
        typer.echo(line)


@rules_app.command("prove", help=t("cli.help.rules_prove"))
def rules_prove(
    pack: Pack_,
    on: Annotated[str | None, typer.Option("--on", metavar="YYYY-MM-DD", help=t("cli.help.on"))] = None,
    seconds: Annotated[float, typer.Option("--seconds", min=0, help=t("cli.help.seconds"))] = 20.0,
    as_json: AsJson = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """Prove a pack: one outcome for everybody, no gap, no overlap, nobody loses by being poorer."""
    check_lang(lang)
    from relief.proof import prove
    from relief.rulepack import load_pack

    found = prove(load_pack(pack), _day(on), seconds=seconds)
    status = 0 if found.holds else 1
    if as_json:
        print_json({"status": status, **found.plain()})
    else:
        _echo(found.lines(spoken()))
    return status


def _day(text: str | None) -> dt.date | None:
    try:
        return None if text is None else dt.date.fromisoformat(text)
    except ValueError as error:
        raise TableError("date.not_iso", value=text) from error


@rules_app.command("diff", help=t("cli.help.rules_diff"))
def rules_diff(
    pack: Pack_,
    other: Other,
    source: Annotated[Path | None, typer.Argument(metavar="[FILE]", help=t("cli.help.input"))] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="YYYY-MM-DD", help=t("cli.help.on"))] = None,
    fund: Annotated[str | None, typer.Option("--fund", metavar="YUAN", help=t("cli.help.fund"))] = None,
    as_json: AsJson = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """Tell two packs apart: in words, and over a table of households."""
    check_lang(lang)
    from relief.money import fen
    from relief.review.differences import compare
    from relief.rulepack import load_pack

    fund_fen = None if fund is None else fen(fund)
    found = compare(load_pack(pack), load_pack(other), source, on=on, fund_fen=fund_fen)
    if as_json:
        print_json({"status": 0, **found.plain(spoken())})
    else:
        _echo(found.lines(spoken()))
    return 0
