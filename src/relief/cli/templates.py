"""The commands that write what is handed out: workbooks and forms to fill in, schemas for other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from relief.console import Lang, check_lang, print_json, spoken, t
from relief.errors import ReliefError

__all__ = ["schema_command", "template_command"]

Rules = Annotated[str | None, typer.Option("--rules", metavar="PACK", help=t("cli.help.template_rules"))]
Form = Annotated[
    str | None, typer.Option("--form", metavar="application|survey", help=t("cli.help.template_form"))
]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help=t("cli.help.template_out"))]
Of = Annotated[str, typer.Argument(metavar="OF", help=t("cli.help.schema_of"))]
SchemaOut = Annotated[Path | None, typer.Option("--out", metavar="FILE", help=t("cli.help.schema_out"))]


def template_command(out: Out, rules: Rules = None, form: Form = None, lang: Lang = "zh") -> int:
    """Write an empty workbook with every column that is read, or those that a pack reads; or a form."""
    check_lang(lang)
    ending = ".xlsx" if form is None else ".html"
    if out.suffix.casefold() != ending:
        raise ReliefError("cli.ending", name=str(out), ending=ending)
    _write(out, _workbook(rules) if form is None else _form(form, rules))
    return 0


def _workbook(rules: str | None) -> bytes:
    from relief.rulepack import load_pack
    from relief.template import template

    return template(None if rules is None else load_pack(rules), spoken())


def _form(name: str, rules: str | None) -> bytes:
    from relief.template import FORMS, form

    if name not in FORMS:
        raise ReliefError("cli.no_form", name=name, known=", ".join(FORMS))
    if rules is not None:
        raise ReliefError("cli.form_rules")
    return form(name, spoken())


def schema_command(of: Of, out: SchemaOut = None, lang: Lang = "zh") -> int:
    """Print the JSON Schema of what another program sends or an editor writes."""
    check_lang(lang)
    schema = _schema(of)
    if out is None:
        print_json(schema)
    else:
        _write(out, json.dumps(schema, ensure_ascii=False, indent=2).encode() + b"\n")
    return 0


def _schema(of: str) -> dict[str, Any]:
    from relief.intake.application import Application
    from relief.schema import cases_schema, json_schema, pack_schema

    known = {
        "application": Application.model_json_schema,
        "tables": json_schema,
        "pack": pack_schema,
        "cases": cases_schema,
    }
    if of not in known:
        raise ReliefError("cli.no_schema", name=of, known=", ".join(known))
    return known[of]()


def _write(out: Path, data: bytes) -> None:
    try:
        with out.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise ReliefError("cli.cannot_write", name=str(out), why=error.strerror or str(error)) from error
    typer.echo(t("cli.template", name=str(out)))
