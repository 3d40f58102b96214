"""The commands from payment to the end: pay, what came back, close; and a corrected round."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from relief.cli.deciding import By, Folder, On, Papers, Why, read_papers, told
from relief.console import AsJson, Lang, check_lang, t

__all__ = ["close_command", "correct_command"]

After = Annotated[Path, typer.Argument(metavar="CORRECTED", help=t("cli.help.corrected"))]


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
