"""How reading, checking and typing a large clean table compares with only walking over it.

    python benchmarks/intake.py [ROWS]

Prints, for a roster of 100,000 households x 30 columns of every kind: `relief.read_tables` of the
workbook against iterating it once with openpyxl in read-only mode, and of the same as CSV against
`pandas.read_csv` with everything as text; and the highest memory of a process that does nothing
else. The workbook holds shared texts, numbers and days as Excel writes them. Both are first held to
have no fault and the same tables. Medians of interleaved runs; absolute times belong to the machine.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import platform
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import xlsxwriter
from main_job import DISTRICTS, ratio

import relief

ROWS = 100_000
HEADER = (
    "户编号", "区县", "城乡", "是否本地户籍", "所属工会", "申请人", "申请人身份证号", "联系电话", "共同生活人口",
    "是否工会会员", "工资性收入", "经营净收入", "财产净收入", "转移净收入", "其他收入", "刚性支出", "房产套数",
    "住房面积", "机动车数", "金融资产余额", "是否低保", "主要致困原因", "有无住院记录", "有无医疗收据",
    "医疗费用个人自付", "申请日期", "入户调查日期", "评议结果", "公示有无异议", "银行卡号",
)  # fmt: skip
CHECK_DIGITS = "10X98765432"
CAUSES = ("本人大病", "供养直系亲属大病", "自然灾害", "子女上学", "收入低")


def id_number(number: int) -> str:
    """Return an ID number that nobody has: born before 1900s' registers, the 000th of that day."""
    day = dt.date(1900, 1, 1) + dt.timedelta(days=number % 36_000)
    body = f"44070{number // 36_000}{day:%Y%m%d}000"
    return body + CHECK_DIGITS[sum(int(digit) * 2 ** (17 - at) for at, digit in enumerate(body)) % 11]


def household(number: int, rng: random.Random) -> list[Any]:
    """Return a household's cells as a clean workbook holds them."""

    def yuan(most: int) -> float:
        return rng.randint(0, most * 100) / 100

    def yes(share: float) -> str:
        return "是" if rng.random() < share else "否"

    return [
        f"H{number:06d}", rng.choice(DISTRICTS), rng.choice(("城镇", "农村")), yes(0.9),
        f"第{number % 300}工会", f"示例{number % 9000}", id_number(number), f"0750{number:07d}",
        rng.randint(1, 6), yes(0.98), yuan(40_000), 0, yuan(1_000), yuan(9_000), 0, yuan(30_000),
        rng.choice((0, 1, 1, 2)), rng.randint(20, 140), rng.choice((0, 0, 1)), yuan(50_000), yes(0.2),
        rng.choice(CAUSES), rng.choice("有无"), "有", rng.randint(100_000, 9_000_000) / 100,
        dt.date(2021, rng.randint(1, 8), rng.randint(1, 28)), dt.date(2021, 9, rng.randint(1, 28)),
        "通过", "无异议", f"62220200{number:011d}",
    ]  # fmt: skip


def write_both(book: Path, text: Path, rows: int) -> None:
    """Write the households as a workbook and as UTF-8 with a mark; seeded."""
    rng = random.Random(2021)
    table = [household(number, rng) for number in range(rows)]
    with xlsxwriter.Workbook(book) as workbook:
        sheet, day = workbook.add_worksheet("名单"), workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, HEADER)
        for at, row in enumerate(table, 1):
            for place, cell in enumerate(row):
                if isinstance(cell, dt.date):
                    sheet.write_datetime(at, place, cell, day)
                else:
                    sheet.write(at, place, cell)
    with text.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([HEADER, *table])


def iterate(book: Path) -> None:
    """Walk over every cell once."""
    opened = openpyxl.load_workbook(book, read_only=True, data_only=True)
    for sheet in opened:
        for _ in sheet.iter_rows(values_only=True):
            pass
    opened.close()


def highest(code: str, place: Path) -> float:
    """Return the highest memory, in MB, of a process that runs some code on a file; Linux tells it."""
    told = "print(re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read())[1])"
    done = subprocess.run(
        [sys.executable, "-c", f"import re, sys\n{code}\n{told}", str(place)],
        check=True,
        capture_output=True,
        text=True,
    )
    return int(done.stdout) / 1024


def main() -> None:
    """Print every ratio."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    print(
        json.dumps(
            {"python": platform.python_version(), "pandas": pd.__version__, "openpyxl": openpyxl.__version__}
        )
    )
    with tempfile.TemporaryDirectory() as folder:
        book, text = Path(folder, "名单.xlsx"), Path(folder, "名单.csv")
        # A process of its own, so that its memory is not that of what is measured.
        subprocess.run([sys.executable, __file__, "--write", str(book), str(text), str(rows)], check=True)
        one, other = relief.read_tables(book), relief.read_tables(text)
        assert not one.faults
        assert not other.faults
        pd.testing.assert_frame_equal(one["households"], other["households"])
        del one, other
        read = "import relief; relief.read_tables(sys.argv[1])"
        memory = {"workbook": highest(read, book), "CSV": highest(read, text)}
        figures = {
            "read_tables of the CSV / read_csv as text": ratio(
                lambda: relief.read_tables(text), lambda: pd.read_csv(text, dtype=str)
            ),
            "read_tables of the workbook / openpyxl once over it": ratio(
                lambda: relief.read_tables(book), lambda: iterate(book), runs=3
            ),
        }
    print(f"{rows:,} households x {len(HEADER)} columns")
    for name, (share, ours, theirs) in figures.items():
        print(f"{share:8.2f} x   {name}   ({ours:.2f} s / {theirs:.2f} s)")
    for name, most in memory.items():
        print(f"{most:8.0f} MB  highest memory of reading the {name}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--write"]:
        write_both(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
    else:
        main()
