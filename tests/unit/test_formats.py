"""What a number format shows of a number beside what is stored."""

from __future__ import annotations

import io
import zipfile
from fractions import Fraction

import pytest

from relief.intake.tables import parse
from relief.sheets.files import Source
from relief.sheets.formats import PLAIN, Shown, shown_by

F = Fraction


@pytest.mark.parametrize(
    "code",
    [
        "General", "", "@", "0", "0.00", "#,##0", "#,##0.00_);[Red](#,##0.00)", "0.00E+00", "# ?/?",
        "yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "h:mm",
        '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', "[$-804]yyyy/m/d",
    ],
)  # fmt: skip
def test_usual_formats_show_what_is_stored(code: str) -> None:
    assert shown_by(code) == PLAIN


@pytest.mark.parametrize(
    ("code", "times", "unit"),
    [
        ("#,##0,", F(1, 1000), None), ("0.0,,", F(1, 10**6), None), ("0%", F(100), None),
        ('0.00"万元"', F(1), F(10_000)), ("0.00万元", F(1), F(10_000)), ('0.00"元"', F(1), F(1)),
        ('0!.0,"万"', F(1, 10_000), F(10_000)), ('0\\.0,"万"', F(1, 10_000), F(10_000)),
        ('0!.0000"万元"', F(1, 10_000), F(10_000)), ('0"角"', F(1), F(1, 10)), ('"12300"', None, None),
        (";;;", None, None), ('"a;b"0', F(1), None), ('General"百元"', F(1), F(100)),
    ],
)  # fmt: skip
def test_a_format_may_show_another_magnitude_or_a_unit(code: str, times: F | None, unit: F | None) -> None:
    assert shown_by(code) == Shown(times, unit)


@pytest.mark.parametrize("code", ['yyyy"年"m"月"', "mmm-yy", "yyyy/mm"])
def test_a_format_may_hide_the_day(code: str) -> None:
    assert shown_by(code).is_month


_ODS = """<office:document-content {names}><office:body><office:spreadsheet>
<table:table table:name="名单">{rows}</table:table>
</office:spreadsheet></office:body></office:document-content>"""


def ods(value: float, text: str) -> Source:
    """Return a sheet of one household whose amount is stored and shown as given."""
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    cells = [[f"<table:table-cell><text:p>{word}</text:p></table:table-cell>" for word in row]
             for row in (("户编号", "个人自付"), ("H1",))]  # fmt: skip
    stored = f'office:value-type="float" office:value="{value}"'
    cells[1].append(f"<table:table-cell {stored}><text:p>{text}</text:p></table:table-cell>")
    rows = "".join(f"<table:table-row>{''.join(row)}</table:table-row>" for row in cells)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", _ODS.format(names=names, rows=rows))
    return Source("名单.ods", data.getvalue())


@pytest.mark.parametrize(
    ("value", "text", "is_told"),
    [
        (12500, "12,500.00", False), (12345.67, "12,346", False), (12500, "￥12,500", False), (0, "0", False),
        (12500, "1.3E+04", False), (12500, "###", False), (1.25, "1.25元", False), (-3, "-3.00", False),
        (12500, "13", True), (0.5, "50%", True), (1.25, "1.25万元", True), (1250000, "1.25", True),
        (12500, "1.25万元", False),
    ],
)  # fmt: skip
def test_an_open_document_that_shows_another_amount_is_told_as_a_workbook_is(
    value: float, text: str, is_told: bool
) -> None:
    """The same cells as .xlsx and .xls were told; as .ods nobody was."""
    codes = [fault.code for fault in parse([ods(value, text)]).faults if fault.code != "fault.negative"]
    assert codes == (["warning.format"] if is_told else [])
