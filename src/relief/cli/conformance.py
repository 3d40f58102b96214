"""The command that tries somebody's allocator: a function of Python, or any program."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relief.console import AsJson, Lang, check_lang, print_json, spoken, t
from relief.errors import MethodError

if TYPE_CHECKING:
    from relief.testing import Report, Witness

__all__ = ["conformance_command"]

_MOST_EXAMPLES = 4000
# A process for each call: as many problems as take half a minute.
_MOST_EXAMPLES_OF_A_PROGRAM = 200

Function = Annotated[str, typer.Argument(metavar="MODULE:FUNCTION", help=t("cli.help.function"))]
Command = Annotated[str, typer.Option("--command", metavar="PROGRAM", help=t("cli.help.command"))]
Promise = Annotated[list[str] | None, typer.Option("--promise", metavar="NAME", help=t("cli.help.promise"))]
MaxExamples = Annotated[int, typer.Option("--max-examples", metavar="N", help=t("cli.help.max_examples"))]
MaxFen = Annotated[int, typer.Option("--max-fen", metavar="FEN", help=t("cli.help.max_fen"))]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help=t("cli.help.seed"))]
Timeout = Annotated[float, typer.Option("--timeout", metavar="SECONDS", help=t("cli.help.timeout"))]


def conformance_command(
    function: Function = "", command: Command = "", promise: Promise = None, max_examples: MaxExamples = 0,
    max_fen: MaxFen = 2**63 - 1, seed: Seed = 0, timeout: Timeout = 10,
    as_json: AsJson = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """Try an allocator, and show the smallest problem found for each promise that it breaks."""
    check_lang(lang)
    from relief.testing import DEFAULT, conformance, program

    if bool(function) == bool(command):
        raise MethodError("conformance.which")
    few = _MOST_EXAMPLES_OF_A_PROGRAM if command else _MOST_EXAMPLES
    report = conformance(
        program(command, timeout_seconds=timeout) if command else _function(function),
        promises=promise or DEFAULT,
        max_examples=max_examples or few,
        max_fen=max_fen,
        seed=seed,
        # A program is stopped by itself, with words that say so.
        timeout_seconds=10 * timeout if command else timeout,
    )
    if as_json:
        print_json(_plain(report))
    else:
        typer.echo(report.text(spoken()))
    return 0 if report.holds else 1


def _function(name: str) -> Callable[[list[int], int], Any]:
    module, _, attribute = name.partition(":")
    if not module or not attribute:
        raise MethodError("conformance.no_function", name=name)
    # As `python -m` does, so that the module beside the caller is found.
    sys.path.insert(0, str(Path.cwd()))
    try:
        found = import_module(module)
        for part in attribute.split("."):
            found = getattr(found, part)
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        raise MethodError("conformance.no_import", name=name, why=why) from error
    finally:
        sys.path.pop(0)
    if not callable(found):
        raise MethodError("conformance.no_function", name=name)
    return found


def _plain(report: Report) -> dict[str, Any]:
    return {
        "status": 0 if report.holds else 1,
        "holds": report.holds,
        "promises": list(report.promises),
        "tried": report.tried,
        "calls": report.calls,
        "broken": {name: _witness(witness) for name, witness in report.broken.items()},
    }


def _witness(witness: Witness) -> dict[str, Any]:
    awards = [award if type(award) in (int, float) else _number(award) for award in witness.awards]
    return {"claims": witness.claims, "fund": witness.fund, "awards": awards, "text": witness.text(spoken())}


def _number(award: Any) -> Any:
    try:
        return int(award) if int(award) == award else str(award)
    except (TypeError, ValueError, OverflowError):
        return str(award)
