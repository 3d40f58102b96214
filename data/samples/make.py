"""Make the sample round ``jiangmen-2021``: nobody in it exists, and it is the same to the byte every time.

In    ``cases.csv`` (what is planted), the counts of the report, a seed
Out   a folder with the applications, a rule pack with example standards, the roster of the
      recognised households, and a README that lists what was planted

Run it as ``python data/samples/make.py [folder]``; without a folder it writes beside itself.
"""

from __future__ import annotations

import csv
import random
import sys
from collections import Counter
from itertools import cycle
from pathlib import Path
from typing import Any

from application import Maker
from case import STANDARDS, Application, Case
from sheets import workbook
from texts import PACK, README, SHEETS, parameters

HERE = Path(__file__).parent
SEED = 2021
CLAIMED_FEN = 233_840_000
RECOGNISED = {
    "市直": 7,
    "蓬江区": 6,
    "江海区": 0,
    "新会区": 27,
    "台山市": 13,
    "鹤山市": 11,
    "恩平市": 15,
    "开平市": 1,
}
# Least and most of a claim in fen, and how many: skewed as medical costs are.
BANDS = [
    (300_000, 800_000, 5),
    (800_000, 2_000_000, 36),
    (2_000_000, 3_500_000, 21),
    (3_500_000, 6_000_000, 13),
    (6_500_000, 8_500_000, 2),
    (10_500_000, 16_000_000, 3),
]
LARGE_CLAIMS = 12
STEMS = "甲乙丙丁戊己庚辛壬癸"
NUMERALS = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三"]


def planted_cases() -> list[Case]:
    """Read the cases that each show something."""
    with (HERE / "cases.csv").open(encoding="utf-8", newline="") as file:
        return [_case(row) for row in csv.DictReader(file)]


def _case(row: dict[str, str]) -> Case:
    changes = [change.split("=") for change in filter(None, row["changes"].split(";"))]
    return Case(
        outcome=row["outcome"],
        district=row["district"],
        residence=row["residence"] or None,
        net=int(row["net"]) if row["net"].isdigit() else row["net"],
        size=int(row["size"] or 0),
        divisor=int(row["divisor"] or 0),
        year=int(row["year"] or 2021),
        special=row["special"],
        changes={column: _stated(value) for column, value in changes},
        note=row["note"],
    )


def _stated(value: str) -> Any:
    return int(value) if value.isdigit() else value or None


def plain_cases(planted: list[Case], rng: random.Random) -> list[Case]:
    """Return as many more recognised households as the report counts in each district."""
    already = Counter(case.district for case in planted if case.outcome == "认定")
    bands = cycle(["deep", "deep", "relative", "deep", "city", "deep", "relative"])
    return [
        Case("认定", district, rng.choice(["城镇", "城镇", "农村"]), next(bands))
        for district, count in RECOGNISED.items()
        for _ in range(count - already[district])
    ]


def claims(rng: random.Random) -> list[int]:
    """Draw the claims of the recognised, largest first; they add up to the sum of the report."""
    drawn = sorted((rng.randint(low, high) for low, high, count in BANDS for _ in range(count)), reverse=True)
    scaled = [claim * CLAIMED_FEN // sum(drawn) for claim in drawn]
    return [scaled[0] + CLAIMED_FEN - sum(scaled), *scaled[1:]]


def applications(rng: random.Random) -> list[Application]:
    """Make every application, in the order of their ids."""
    planted = planted_cases()
    cases = [*planted, *plain_cases(planted, rng)]
    # The largest costs go to households that they leave below the floor.
    recognised = sorted(
        (case for case in cases if case.outcome == "认定"), key=lambda case: case.net != "deep"
    )
    amounts = claims(rng)
    large, small = amounts[:LARGE_CLAIMS], amounts[LARGE_CLAIMS:]
    rng.shuffle(small)
    claim = dict(zip(recognised, large + small, strict=True))
    rng.shuffle(cases)
    maker = Maker(rng)
    return [
        maker.application(case, at + 1, _name(at), claim.get(case) or rng.randint(600_000, 5_000_000))
        for at, case in enumerate(cases)
    ]


def _name(at: int) -> str:
    return f"示例{STEMS[at % len(STEMS)]}{NUMERALS[at // len(STEMS)]}"


def roster(made: list[Application], rng: random.Random) -> str:
    """Return the recognised households as one flat CSV, in no order."""
    lines = [_roster_line(one) for one in made if one.case.outcome == "认定"]
    rng.shuffle(lines)
    return "\n".join(["户编号,区县,申请人,所属工会,城乡,个人自付", *lines, ""])


def _roster_line(one: Application) -> str:
    fen = sum(paper["out_of_pocket_fen"] for paper in one.receipts if paper["issued_on"].year == 2021)
    who = [one.id, one.case.district, one.household["applicant_name"], one.household["union_name"]]
    return ",".join([*who, one.household["residence"] or "", f"{fen // 100}.{fen % 100:02d}"])


def readme(made: list[Application]) -> str:
    """Return the README with every planted household."""
    planted = [one for one in made if one.case.note]
    lines = [f"| {one.id} | {one.case.district} | {one.case.outcome} | {one.case.note} |" for one in planted]
    return README + "\n".join([*lines, ""])


def make(folder: Path) -> None:
    """Write the sample into a folder."""
    rng = random.Random(SEED)
    made = applications(rng)
    tables = {
        table: [row for one in made for row in getattr(one, table)]
        for table in SHEETS
        if table != "households"
    }
    tables["households"] = [one.household for one in made]
    files = {
        "申请.xlsx": workbook(tables),
        "名单.csv": roster(made, rng).encode(),
        "rules/pack.yaml": PACK.encode(),
        "rules/parameters.yaml": parameters(STANDARDS).encode(),
        "README.md": readme(made).encode(),
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "jiangmen-2021")
