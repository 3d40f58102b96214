"""How the main job compares with pandas itself, as ratios taken side by side in one run.

    python benchmarks/main_job.py [ROWS]

Prints import time against ``import pandas``, and reading, judging and dividing a flat CSV of
100,000 households against ``pandas.read_csv`` of the same file in the same process. Medians of
interleaved runs; absolute times belong to the machine and are only shown beside.
"""

from __future__ import annotations

import json
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = 7
DISTRICTS = ("市直", "蓬江区", "江海区", "新会区", "台山市", "鹤山市", "恩平市", "开平市")
HEADER = (
    "户编号,区县,城乡,所属工会,申请人,联系电话,共同生活人口,是否工会会员,工资性收入,经营净收入,财产净收入,"
    "转移净收入,其他收入,刚性支出,房产套数,机动车数,主要致困原因,有无住院记录,有无疾病证明书,有无医疗收据,"
    "医疗费用个人自付,申请日期,入户调查日期,评议结果,公示工作日数,公示有无异议"
)


def flat_households(path: Path, rows: int) -> None:
    """Write a flat sheet of households of which most can be decided; seeded."""
    rng = random.Random(2021)
    lines = [HEADER]
    for number in range(rows):
        lines.append(
            ",".join(
                (
                    f"H{number:07d}", rng.choice(DISTRICTS), rng.choice(("城镇", "农村")), f"工会{number % 300}",
                    f"示例{number % 9000}", f"0750{number % 10**7:07d}", str(rng.randint(1, 6)), "是" if rng.random() < 0.98 else "否",
                    f"{rng.randint(0, 4_000_000) / 100:.2f}", "0.00", f"{rng.randint(0, 100_000) / 100:.2f}",
                    f"{rng.randint(0, 900_000) / 100:.2f}", "0", f"{rng.randint(0, 3_000_000) / 100:.2f}",
                    rng.choice(("0", "1", "1", "2")), rng.choice(("0", "0", "0", "1")), rng.choice(("本人大病", "收入低")),
                    "有", "有", "有", f"{rng.randint(100_000, 9_000_000) / 100:.2f}", f"2021-{rng.randint(1, 8):02d}-{rng.randint(1, 28):02d}",
                    "2021-09-01", "通过", str(rng.randint(7, 9)), "无异议",
                )
            )
        )  # fmt: skip
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def roster(path: Path, rows: int) -> None:
    """Write a bare roster: id, district, out-of-pocket cost."""
    rng = random.Random(2021)
    lines = ["户编号,区县,个人自付"]
    lines += [
        f"H{n:07d},{rng.choice(DISTRICTS)},{rng.randint(100_000, 9_000_000) / 100:.2f}" for n in range(rows)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def ratio(
    ours: Callable[[], object], theirs: Callable[[], object], runs: int = RUNS
) -> tuple[float, float, float]:
    """Return the median ratio over interleaved runs, and both medians in seconds."""
    pairs = []
    for _ in range(runs + 1):
        begin = time.perf_counter()
        theirs()
        middle = time.perf_counter()
        ours()
        pairs.append((time.perf_counter() - middle, middle - begin))
    pairs = pairs[1:]
    return (
        statistics.median(a / b for a, b in pairs),
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
    )


def importing(code: str) -> Callable[[], object]:
    """Return a run of `code` in a fresh interpreter."""
    return lambda: subprocess.run([sys.executable, "-c", code], check=True)


def main() -> None:
    """Print every ratio."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    figures: dict[str, tuple[float, float, float]] = {
        "import relief / import pandas": ratio(importing("import relief"), importing("import pandas")),
        "import relief and all its names / import pandas": ratio(
            importing("import relief\nfor name in relief.__all__: getattr(relief, name)"),
            importing("import pandas"),
        ),
    }
    import pandas as pd

    import relief

    with tempfile.TemporaryDirectory() as folder:
        flat, bare = Path(folder, "households.csv"), Path(folder, "roster.csv")
        flat_households(flat, rows)
        roster(bare, rows)
        pack = relief.load_pack("jiangmen-2021")
        fund = 30_000_000
        figures |= {
            f"run, {rows:,} households x 26 columns / read_csv": ratio(
                lambda: relief.run(flat, pack, fund, on="2021-09-30"), lambda: pd.read_csv(flat)
            ),
            f"read_tables, {rows:,} households x 26 columns / read_csv": ratio(
                lambda: relief.read_tables(flat), lambda: pd.read_csv(flat)
            ),
            f"split, roster of {rows:,} x 3 columns / read_csv": ratio(
                lambda: relief.split(bare, fund), lambda: pd.read_csv(bare)
            ),
            f"run, roster of {rows:,} x 3 columns / read_csv": ratio(
                lambda: relief.run(bare, pack, fund, on="2021-09-30"), lambda: pd.read_csv(bare)
            ),
            f"run and write the folder, {rows:,} x 26 / read_csv": ratio(
                lambda: relief.run(flat, pack, fund, on="2021-09-30").save(
                    Path(folder, "round"), overwrite=True
                ),
                lambda: pd.read_csv(flat),
            ),
        }
    print(
        json.dumps(
            {"python": platform.python_version(), "pandas": pd.__version__, "machine": platform.machine()}
        )
    )
    for name, (share, ours, theirs) in figures.items():
        print(f"{share:8.2f} x   {name}   ({ours:.3f} s / {theirs:.3f} s)")


if __name__ == "__main__":
    main()
