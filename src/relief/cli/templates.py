"""The command that writes what is handed out to be filled in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from relief.console import Lang, check_lang, spoken, t
from relief.errors import ReliefError

__all__ = ["template_command"]

Rules = Annotated[str | None, typer.Option("--rules", metavar="PACK", help=t("cli.help.template_rules"))]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help=t("cli.help.template_out"))]


def template_command(out: Out, rules: Rules = None, lang: Lang = "zh") -> int:
    """Write an empty workbook with every column that is read, or those that a pack reads."""
    check_lang(lang)
    from relief.rulepack import load_pack
    from relief.template import template

    pack = None if rules is None else load_pack(rules)
    _write(out, template(pack, spoken()))
    return 0


def _write(out: Path, data: bytes) -> None:
    try:
        with out.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise ReliefError("cli.cannot_write", name=str(out), why=error.strerror or str(error)) from error
    typer.echo(t("cli.template", name=str(out)))
