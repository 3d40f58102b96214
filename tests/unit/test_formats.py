"""What a number format shows of a number beside what is stored."""

from __future__ import annotations

from fractions import Fraction

import pytest

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
