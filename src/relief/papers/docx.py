"""A paper as a Word file, set as official papers are (GB/T 9704): 小标宋 title, 仿宋 text, 黑体 headings.

In    `Paper`
Out   the bytes of a .docx: the same for the same paper, with no author and no clock in its properties

The fonts are named, not embedded: Word and WPS on Chinese systems have them, others take their own.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr  # only writes

from relief.errors import MissingExtraError
from relief.papers.paper import Form, Grid, Heading, Paper, plain, shares

if TYPE_CHECKING:
    from relief.messages import Language
    from relief.papers.paper import Block, Cell

__all__ = ["to_docx"]

_LATIN = "Times New Roman"
_TITLE, _BODY, _HEAD, _SUBHEAD, _TABLE = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
_CODE, _CELL = "Courier New", "Cell"
_FORM_SIDES = {"label": "center", "text": "left", "number": "center"}
_SIDES = {"right": "RIGHT", "code": "CENTER"}
# Points: 二号, 三号, 小四, 五号.
_SIZES = {"title": 22.0, "body": 16.0, "small": 12.0, "table": 10.5}
_LINE = 29.0
# Points before, after, from line to line, of the styles that differ.
_SPACING = {
    "Title": (0, _LINE, 36), "Caption": (10, 4, 18), "Body Text 2": (6, 0, 18), "Footer": (0, 0, 18),
    _CELL: (2, 2, 14),
}  # fmt: skip
# Millimetres of GB/T 9704: top, bottom, left, right.
_MARGINS = (37, 35, 28, 26)
_SHORT, _LONG = 210, 297
_ZIPPED = (1980, 1, 1, 0, 0, 0)
_EMU_PER_TWIP = 635
# A form has many columns: 1 mm beside its texts.
_NARROW = '<w:tblCellMar><w:left w:w="57" w:type="dxa"/><w:right w:w="57" w:type="dxa"/></w:tblCellMar>'
_BOLD = "<w:rPr><w:b/></w:rPr>"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def to_docx(paper: Paper) -> bytes:
    """Return a paper as a Word file.

    Parameters
    ----------
    paper : Paper

    Returns
    -------
    bytes

    Raises
    ------
    MissingExtraError
        If python-docx is not installed.

    Examples
    --------
    >>> from relief.papers.paper import Text
    >>> to_docx(Paper("公示", (Text("现予公示。"),), "zh", "2021-09-30"))[:2]
    b'PK'
    """
    try:
        import docx
    except ImportError as error:
        raise MissingExtraError("extra.missing", what="python-docx", extra="report") from error
    document = docx.Document()
    _set_properties(document, paper)
    _set_page(document.sections[0], landscape=paper.landscape)
    _set_styles(document, paper.lang)
    document.add_paragraph(plain(paper.title), style="Title")
    for place, block in enumerate(paper.blocks):
        first = _add(document, block)
        if place in paper.new_page:
            first.paragraph_format.page_break_before = True
    stream = io.BytesIO()
    document.save(stream)
    return _zipped_again(stream.getvalue())


def _set_properties(document: Any, paper: Paper) -> None:
    """Name the paper and its day; drop the names and the picture that the library's template has."""
    properties = document.core_properties
    for name in ("author", "last_modified_by", "comments", "keywords", "subject", "category"):
        setattr(properties, name, "")
    properties.title = plain(paper.title)
    properties.language = "zh-CN" if paper.lang == "zh" else "en"
    properties.created = properties.modified = dt.datetime.fromisoformat(paper.dated)
    properties.revision = 1
    relations = document.part.package.rels
    for name in [name for name, relation in relations.items() if relation.reltype.endswith("/thumbnail")]:
        del relations[name]


def _set_page(section: Any, *, landscape: bool) -> None:
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm

    width, height = (_LONG, _SHORT) if landscape else (_SHORT, _LONG)
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(width), Mm(height)
    # Turned on its side a page keeps its binding edge: what was the top is then the right.
    top, bottom, left, right = (28, 26, 35, 37) if landscape else _MARGINS
    section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
    section.left_margin, section.right_margin = Mm(left), Mm(right)
    section.footer_distance = Mm(18)
    foot = section.footer.paragraphs[0]
    foot.alignment = _alignment("CENTER")
    foot.add_run("— ")
    foot._p.append(_element("w:fldSimple", instr="PAGE"))
    foot.add_run(" —")


def _set_styles(document: Any, lang: Language) -> None:
    from docx.enum.style import WD_STYLE_TYPE

    styles = document.styles
    styles.add_style(_CELL, WD_STYLE_TYPE.PARAGRAPH)
    looks = {
        "Normal": (_BODY, "body"), "Title": (_TITLE, "title"), "Heading 1": (_HEAD, "body"),
        "Heading 2": (_SUBHEAD, "body"), "Caption": (_HEAD, "small"), "Footer": (_TABLE, "small"),
        "Body Text": (_BODY, "body"), "Body Text 2": (_BODY, "small"), _CELL: (_TABLE, "table"),
    }  # fmt: skip
    for name, (face, size) in looks.items():
        _set_look(styles[name], face, _SIZES[size], lang)
        _set_spacing(styles[name].paragraph_format, name)
    styles["Title"].paragraph_format.alignment = _alignment("CENTER")
    styles["Caption"].paragraph_format.alignment = _alignment("CENTER")
    if lang == "zh":
        indent = _element("w:ind", firstLineChars="200", firstLine="640")
        styles["Body Text"].element.get_or_add_pPr().append(indent)


def _set_look(style: Any, face: str, points: float, lang: Language) -> None:
    """Give a style its fonts by name; the template's own refer to a theme, which would win."""
    from docx.shared import Pt, RGBColor

    style.font.size, style.font.color.rgb = Pt(points), RGBColor(0, 0, 0)
    style.font.bold = style.font.italic = False
    properties = style.element.get_or_add_rPr()
    for tag in ("w:rFonts", "w:spacing", "w:kern", "w:lang"):
        for old in properties.findall(_tag(tag)):
            properties.remove(old)
    properties.insert(0, _element("w:rFonts", ascii=_LATIN, hAnsi=_LATIN, cs=_LATIN, eastAsia=face))
    properties.append(_element("w:lang", val="en-US", eastAsia="zh-CN" if lang == "zh" else "en-US"))


def _set_spacing(form: Any, name: str) -> None:
    from docx.shared import Pt

    before, after, line = _SPACING.get(name, (0, 0, _LINE))
    form.space_before, form.space_after, form.line_spacing = Pt(before), Pt(after), Pt(line)
    form.widow_control, form.keep_with_next = True, name in ("Heading 1", "Heading 2", "Caption")
    for border in form.element.get_or_add_pPr().findall(_tag("w:pBdr")):
        form.element.pPr.remove(border)


def _add(document: Any, block: Block) -> Any:
    """Add a block and return its first paragraph."""
    if isinstance(block, Heading):
        style = f"Heading {min(block.level, 2)}" if block.level else "Title"
        return document.add_paragraph(plain(block.text), style=style)
    if isinstance(block, Grid | Form):
        return _add_table(document, block)
    style = {"body": "Body Text", "strong": "Body Text", "note": "Body Text 2"}.get(block.kind, "Normal")
    paragraph = document.add_paragraph(style=style)
    run = paragraph.add_run(plain(block.text))
    if block.kind == "strong":
        run.bold = True
    elif block.kind == "code":
        run.font.name = _CODE
    if block.kind in _SIDES:
        paragraph.alignment = _alignment(_SIDES[block.kind])
    return paragraph


def _add_table(document: Any, block: Grid | Form) -> Any:
    """Add a table below its caption, as one piece of XML: cell by cell, thousands of rows take minutes."""
    from docx.oxml import parse_xml

    caption = document.add_paragraph(plain(block.caption), style="Caption")
    section = document.sections[0]
    wide = (section.page_width - section.left_margin - section.right_margin) // _EMU_PER_TWIP
    parts = shares(block) if isinstance(block, Grid) else block.widths
    widths = [wide * part // sum(parts) for part in parts]
    caption._p.addnext(parse_xml(_table(block, widths)))
    return caption


def _table(block: Grid | Form, widths: list[int]) -> str:
    """Return a table; `widths` are twentieths of a point."""
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    rows = _rows(block, widths) if isinstance(block, Grid) else _form_rows(block, widths)
    return (
        f'<w:tbl xmlns:w="{_WORD}"><w:tblPr><w:tblStyle w:val="TableGrid"/>'
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/><w:tblLayout w:type="fixed"/>'
        f'{_NARROW * isinstance(block, Form)}<w:tblLook w:firstRow="1" w:noHBand="1" w:noVBand="1"/>'
        f"<w:tblCaption w:val={quoteattr(plain(block.caption))}/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>"
        f"{rows}</w:tbl>"
    )


def _rows(grid: Grid, widths: list[int]) -> str:
    """Return the rows of a table whose head repeats on every page."""
    last = len(grid.lines) - 1 if grid.total is not None else -1
    rows = (_row(grid, line, widths, is_bold=at == last) for at, line in enumerate(grid.lines))
    return _row(grid, grid.header, widths, is_bold=True) + "".join(rows)


def _form_rows(form: Form, widths: list[int]) -> str:
    rows = []
    for laid in form.laid:
        # What a row of labels names stands on the same page.
        held = all(cell.kind == "label" for _, cell, begins in laid if begins)
        cells = "".join(
            _form_cell(cell, widths[at : at + cell.columns], begins=begins, held=held)
            for at, cell, begins in laid
        )
        rows.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>")
    return "".join(rows)


def _form_cell(cell: Cell, widths: list[int], *, begins: bool, held: bool) -> str:
    """Return a cell, or in a row below its first one what continues it."""
    spanned = f'<w:gridSpan w:val="{cell.columns}"/>' * (cell.columns > 1)
    merged = f'<w:vMerge w:val="{"restart" if begins else "continue"}"/>' * (cell.rows > 1)
    text = cell.text if begins else ""
    return _cell(text, _FORM_SIDES[cell.kind], sum(widths), reach=spanned + merged, held=held)


def _row(grid: Grid, texts: tuple[str, ...], widths: list[int], *, is_bold: bool) -> str:
    is_head = texts is grid.header
    cells = []
    for place, (text, width) in enumerate(zip(texts, widths, strict=True)):
        side = "center" if is_head else "right" if place in grid.numbers else "left"
        cells.append(_cell(text, side, width, is_bold=is_bold))
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' * is_head}</w:trPr>{''.join(cells)}</w:tr>"


def _cell(
    text: str, side: str, width: int, *, reach: str = "", held: bool = False, is_bold: bool = False
) -> str:
    lines = [f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in plain(text).split("\n")]
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{reach}<w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{_CELL}"/>{"<w:keepNext/>" * held}<w:jc w:val="{side}"/></w:pPr>'
        f"<w:r>{_BOLD * is_bold}{'<w:br/>'.join(lines)}</w:r></w:p></w:tc>"
    )


def _alignment(name: str) -> Any:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    return getattr(WD_ALIGN_PARAGRAPH, name)


def _tag(name: str) -> Any:
    from docx.oxml.ns import qn

    return qn(name)


def _element(name: str, **values: str) -> Any:
    from docx.oxml import OxmlElement

    made = OxmlElement(name)
    for key, value in values.items():
        made.set(_tag(f"w:{key}"), value)
    return made


def _zipped_again(data: bytes) -> bytes:
    """Return the same package with one fixed time on every part: the library stamps the clock on them."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, _ZIPPED), old.read(name), zipfile.ZIP_DEFLATED)
    return stream.getvalue()
