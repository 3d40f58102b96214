"""The command that writes a round into a database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from relief.console import AsJson, Lang, check_lang, print_json, t

__all__ = ["export_command"]


def export_command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help=t("cli.help.folder"))],
    to: Annotated[str, typer.Option("--to", metavar="URL", help=t("cli.help.to"))],
    overwrite: Annotated[bool, typer.Option("--overwrite", help=t("cli.help.export_overwrite"))] = False,
    as_json: AsJson = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """Write the tables of a round's folder into a database."""
    check_lang(lang)
    from relief.round.export import export
    from relief.sheets.database import shown_url

    counts = export(folder, to, overwrite=overwrite)
    if as_json:
        print_json({"url": shown_url(to), "rows": counts})
        return 0
    for table, count in counts.items():
        typer.echo(t("cli.exported_rows", table=table, count=count))
    typer.echo(t("cli.exported", url=shown_url(to), tables=len(counts)))
    return 0
