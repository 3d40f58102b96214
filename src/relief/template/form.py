"""Forms to print and fill in by hand, made from the data dictionary: the application, the household visit.

In    `DICTIONARY`; ``forms.toml``, which says what each form asks and in which order; ``forms.css``
Out   a page of HTML without anything outside it; printed it is A4

HTML, because every computer prints it as it is meant, and Word and WPS open it where it has to be changed.
"""

from __future__ import annotations

import tomllib
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from relief.columns import DICTIONARY
from relief.messages import say
from relief.template.checks import allowed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relief.columns import Column
    from relief.messages import Language

__all__ = ["FORMS", "form"]

Part = dict[str, Any]
FORMS = ("application", "survey")
_BOX = "□"
# A list of words longer than this takes a line of its own.
_NARROW = 14
_ID_LENGTH = 18


def form(name: str, lang: Language = "zh") -> bytes:
    """Return a form to print.

    Parameters
    ----------
    name : {'application', 'survey'}
        The application (困难职工救助申请表), or the record of the visit (困难职工入户调查记录表).
    lang : {'zh', 'en'}
        In English each Chinese label has its English name below it, and the texts are English.

    Returns
    -------
    bytes
        HTML in UTF-8; the same bytes every time.

    Examples
    --------
    >>> form("survey")[:15]
    b'<!doctype html>'
    """
    title = escape(say(f"form.title.{name}", lang))
    parts = [_part(part, number, lang) for number, part in enumerate(_layout()[name], start=1)]
    head = f'<meta charset="utf-8">\n<title>{title}</title>\n<style>\n{_file("forms.css")}</style>'
    body = "\n".join([f"<h1>{title}</h1>", *parts])
    spoken = "zh-CN" if lang == "zh" else "en"
    page = f'<html lang="{spoken}">\n<head>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>'
    return f"<!doctype html>\n{page}\n".encode()


def _file(name: str) -> str:
    return files("relief.template").joinpath(name).read_text("utf-8")


@cache
def _layout() -> dict[str, list[Part]]:
    return tomllib.loads(_file("forms.toml"))


def _part(part: Part, number: int, lang: Language) -> str:
    """Return one part: its heading, and whatever it has of a text, ticks, fields, lines and signatures."""
    name = part["part"]
    inside = [f"<h2>{number}. {escape(say(f'form.part.{name}', lang))}</h2>"]
    if part.get("text"):
        inside.append(f"<p>{escape(say(f'form.text.{name}', lang))}</p>")
    if "ticks" in part:
        inside.append(f"<p>{_ticks(allowed(DICTIONARY[part['table']][part['ticks']]))}</p>")
    columns = [DICTIONARY[part["table"]][column] for column in part.get("columns", ())]
    if columns and "rows" in part:
        inside.append(_rows(columns, part["rows"], lang, is_signed=part.get("signed", False)))
    elif columns:
        inside.append(_fields(columns, lang))
    inside += ['<div class="line"></div>'] * part.get("lines", 0)
    inside += [_signature(who, lang) for who in part.get("signatures", ())]
    return f"<section>{''.join(inside)}</section>"


def _label(column: Column, lang: Language) -> str:
    english = column.name.removesuffix("_fen").replace("_", " ")
    return escape(column.title) + ("" if lang == "zh" else f"<small>{escape(english)}</small>")


def _ticks(words: Iterable[str]) -> str:
    return (
        '<span class="ticks">' + " ".join(f"<span>{_BOX}{escape(word)}</span>" for word in words) + "</span>"
    )


def _blank(column: Column, lang: Language) -> str:
    """Return what is filled in: words to tick, a day, digits in boxes, or a blank with its unit."""
    words = allowed(column)
    if words:
        return _ticks(words)
    if column.dtype == "date":
        return say("form.day", lang)
    if column.dtype == "id_number":
        return '<span class="digits">' + "<i></i>" * _ID_LENGTH + "</span>"
    return _unit(column, lang)


def _unit(column: Column, lang: Language) -> str:
    if column.unit in ("", "piece"):
        return ""
    unit = column.unit.replace("/", "_")
    return f'<div class="unit">{escape(say(f"template.unit.{unit}", lang))}</div>'


def _is_wide(column: Column) -> bool:
    return column.dtype in ("id_number", "account") or len("".join(allowed(column))) > _NARROW


def _fields(columns: list[Column], lang: Language) -> str:
    """Return fields, two to a line, with a line of its own for each wide one."""
    lines: list[list[Column]] = []
    for column in columns:
        is_beside = (
            bool(lines) and len(lines[-1]) == 1 and not _is_wide(lines[-1][0]) and not _is_wide(column)
        )
        if is_beside:
            lines[-1].append(column)
        else:
            lines.append([column])
    return '<table class="fields">' + "".join(_line(line, lang) for line in lines) + "</table>"


def _line(columns: list[Column], lang: Language) -> str:
    span = ' colspan="3"' if len(columns) == 1 else ""
    cells = [
        f'<th scope="row">{_label(column, lang)}</th><td{span}>{_blank(column, lang)}</td>'
        for column in columns
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _rows(columns: list[Column], count: int, lang: Language, *, is_signed: bool) -> str:
    """Return a table with blank lines, one per person or thing; units stand in the header."""
    heads = [
        f'<th scope="col"{_width(column)}>{_label(column, lang)}{_of(column, lang)}</th>'
        for column in columns
    ]
    cells = [f"<td>{_in_a_row(column)}</td>" for column in columns]
    if is_signed:
        heads += [
            f'<th scope="col">{escape(say(f"form.sign.{what}", lang))}</th>' for what in ("person", "day")
        ]
        cells += ["<td></td>"] * 2
    lines = f"<tr>{''.join(cells)}</tr>" * count
    table = f"<table><thead><tr>{''.join(heads)}</tr></thead><tbody>{lines}</tbody></table>"
    return table + "".join(_usual_words(column) for column in columns)


def _of(column: Column, lang: Language) -> str:
    unit = column.unit.replace("/", "_")
    return f"<br>({escape(say(f'template.unit.{unit}', lang))})" if column.dtype in ("money", "area") else ""


def _width(column: Column) -> str:
    widths = {"id_number": 48, "label": 26, "name": 22}
    width = widths.get(column.dtype)
    return f' style="width: {width}mm"' if width else ""


def _in_a_row(column: Column) -> str:
    """Return the words to tick where they are few; of more the usual ones stand below the table."""
    return _ticks(allowed(column)) if _are_few(column) else ""


def _are_few(column: Column) -> bool:
    return 0 < len(allowed(column)) <= 2


def _usual_words(column: Column) -> str:
    words = allowed(column)
    if not words or _are_few(column):
        return ""
    return f"<small>{escape(column.title)}：{escape(' / '.join(words))}</small>"


def _signature(who: str, lang: Language) -> str:
    words, day = escape(say(f"form.sign.{who}", lang)), escape(say("form.day", lang))
    return f'<div class="sign">{words}<u></u></div><div class="sign">{day}</div>'
