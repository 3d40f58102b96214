"""Papers to try the three forms on, and what can be read back from each form."""

from __future__ import annotations

import io
import re
import zipfile
from html import unescape
from typing import TYPE_CHECKING

import docx
import pytest
from pypdf import PdfReader

from relief.errors import MissingExtraError
from relief.papers.docx import to_docx
from relief.papers.html import to_html
from relief.papers.paper import Grid, Heading, Paper, Text
from relief.papers.pdf import to_pdf

if TYPE_CHECKING:
    from collections.abc import Callable

FORMS: dict[str, Callable[[Paper], bytes]] = {"docx": to_docx, "html": to_html, "pdf": to_pdf}


def has_font() -> bool:
    try:
        to_pdf(Paper("公示", (), "zh", "2021-09-29"))
    except MissingExtraError:
        return False
    return True


needs_font = pytest.mark.skipif(not has_font(), reason="no Chinese font is installed")
EACH_FORM = pytest.mark.parametrize("form", ["docx", "html", pytest.param("pdf", marks=needs_font)])
ROWS = tuple((str(at), "欧阳*", "某市第一建筑工程有限公司工会", f"{at:,}.56") for at in range(1, 61))
PAPER = Paper(
    "关于帮扶名单的公示",
    (
        Text("现予公示，接受监督。"),
        Heading("一、名单"),
        Heading("（一）城区", 2),
        Grid("城区（60户）", ("序号", "姓名", "所属工会", "金额（元）"), ROWS, frozenset({0, 3}),
             ("合计", "60户", "", "9.99")),
        Text("说明：单位为元。", "note"),
        Text("不得涂改", "strong"),
        Text("某市总工会\n2021年9月29日", "right"),
        Text("0123 4567\n89ab cdef", "code"),
        Heading("另页"),
    ),
    "zh",
    "2021-09-29",
    new_page=frozenset({8}),
)  # fmt: skip


def said(paper: Paper) -> list[str]:
    """Return every text of a paper, line by line."""
    texts = [paper.title]
    for block in paper.blocks:
        if isinstance(block, Grid):
            texts += [block.caption, *block.header, *(text for line in block.lines for text in line)]
        else:
            texts.append(block.text)
    return [line for text in texts for line in text.split("\n") if line]


def read(form: str, data: bytes) -> str:
    """Return the text that a reader sees, without any space."""
    if form == "docx":
        document = docx.Document(io.BytesIO(data))
        text = "".join(node.text or "" for node in document.element.body.iter() if node.tag.endswith("}t"))
    elif form == "html":
        text = unescape(re.sub(r"<[^>]+>", "", re.sub(r"(?s)<style>.*?</style>", "", data.decode())))
    else:
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    return squeezed(text)


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def everything(form: str, data: bytes) -> str:
    """Return all that a file holds, its properties and every part included, as one text without spaces."""
    if form == "html":
        return squeezed(data.decode())
    if form == "docx":
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            raw = "".join(
                name + unescape(parts.read(name).decode("utf-8", "replace")) for name in parts.namelist()
            )
        return squeezed(raw) + read(form, data)
    reader = PdfReader(io.BytesIO(data))
    held = [str(reader.get_object(number)) for number in range(1, max(reader.xref[0]) + 1)]
    held += [str(reader.metadata), reader.xmp_metadata.stream.get_data().decode()]
    return squeezed("".join(held)) + read(form, data)
