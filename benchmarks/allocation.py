"""How dividing a fund compares with sorting the claims once, with peers, and with splits by hand.

    python benchmarks/allocation.py [ROWS]

Prints, for a million made claims: each method, pandas in and awards out, against one `np.sort` of
the same claims; the peak of memory beside them; ten times the claims against once; and the same
split by hand in Decimal and Fraction and, where they are installed, by iteround, apportionment and
128-bit integers of polars. Whatever can be held to the same answer is.
Medians of interleaved runs; absolute times belong to the machine.
"""

from __future__ import annotations

import gc
import json
import platform
import sys
import tracemalloc
from decimal import Decimal
from fractions import Fraction
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from main_job import ratio

import relief

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = 1_000_000
FEW = 100_000
Figure = tuple[float, float, float]
LEVELED = (
    "constrained_equal_awards", "constrained_equal_losses", "talmud", "reverse_talmud", "piniles",
    "constrained_egalitarian", "equal", "adjusted_proportional",
)  # fmt: skip


def made(rows: int) -> pd.Series:
    """Return claims of 1,000 to 90,000 yuan in fen; seeded."""
    fen = np.random.default_rng(2021).integers(100_000, 9_000_000, rows)
    return pd.Series(fen, index=pd.RangeIndex(rows))


def fund_of(claims: pd.Series) -> int:
    """Return a fund that shares few factors with the claims."""
    return int(claims.sum()) * 375 // 2923


def divided(claims: pd.Series, **how: Any) -> Callable[[], pd.Series]:
    """Return a run that divides the claims' fund."""
    fund = fund_of(claims)
    return lambda: relief.allocate(claims, fund, **how).awards_fen


def sorted_once(claims: pd.Series) -> Callable[[], np.ndarray]:
    """Return a run that sorts the claims."""
    fen = claims.to_numpy()
    return lambda: np.sort(fen)


def methods(rows: int) -> dict[str, Figure]:
    """Compare every polynomial method with one sort of the claims."""
    claims, figures = made(rows), {}
    ways: dict[str, dict[str, Any]] = {"proportional": {}}
    ways |= {method: {"method": method} for method in LEVELED}
    ways["weighted"] = {"method": "weighted", "weights": pd.Series([1, 2] * (rows // 2) + [1] * (rows % 2))}
    floors, caps = claims // 50, claims // 5
    ways["proportional with floors and caps"] = {"floors_fen": floors, "caps_fen": caps}
    ways["constrained_equal_awards with floors and caps"] = {
        "method": "constrained_equal_awards", "floors_fen": floors, "caps_fen": caps,
    }  # fmt: skip
    fund = fund_of(claims)
    for name, how in ways.items():
        assert int(divided(claims, **how)().sum()) == fund
        figures[f"{name}, {rows:,} claims / np.sort"] = ratio(divided(claims, **how), sorted_once(claims))
    return figures


def grown(rows: int) -> dict[str, Figure]:
    """Compare ten times the claims with once."""
    many, few = made(10 * rows), made(rows)
    found = ratio(divided(many), divided(few), runs=3)
    return {f"proportional, {10 * rows:,} claims / {rows:,}": found}


def beyond(rows: int, **how: Any) -> float:
    """Return the peak of memory while dividing, as a multiple of the claims' own."""
    claims = made(rows)
    run = divided(claims, **how)
    run()
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    awards = run()
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert len(awards) == rows
    return peak / claims.to_numpy().nbytes


# --- the same split otherwise ---------------------------------------------------------------------


def by_fraction(claims: list[int], fund: int) -> list[int]:
    """Divide by largest remainders in exact fractions, a household at a time."""
    total = sum(claims)
    quotas = [Fraction(claim * fund, total) for claim in claims]
    awards = [quota.numerator // quota.denominator for quota in quotas]
    order = sorted(range(len(claims)), key=lambda at: (awards[at] - quotas[at], -claims[at], at))
    for at in order[: fund - sum(awards)]:
        awards[at] += 1
    return awards


def by_decimal(claims: list[int], fund: int) -> list[int]:
    """Divide by largest remainders in decimal numbers, as a careful script does."""
    total, whole = Decimal(sum(claims)), Decimal(fund)
    quotas = [whole * claim / total for claim in claims]
    awards = [int(quota) for quota in quotas]
    order = sorted(range(len(claims)), key=lambda at: (awards[at] - quotas[at], -claims[at], at))
    for at in order[: fund - sum(awards)]:
        awards[at] += 1
    return awards


def by_polars(claims: Any, fund: int) -> list[int]:
    """Divide by largest remainders in 128-bit integers."""
    import polars as pl

    total = int(claims.sum())
    frame = pl.DataFrame({"claim": claims}).with_row_index("at")
    product = pl.col("claim").cast(pl.Int128) * fund
    frame = frame.with_columns(award=(product // total).cast(pl.Int64), rest=(product % total).cast(pl.Int64))
    left = fund - frame["award"].sum()
    rank = frame.sort(["rest", "claim", "at"], descending=[True, True, False])["at"].head(left)
    return frame.with_columns(award=pl.col("award") + pl.col("at").is_in(rank.implode())).get_column("award")


def present(package: str) -> bool:
    """Return whether a peer is installed; say so where it is not."""
    if find_spec(package) is None:
        print(f"{package} left out: pip install {package}, for this comparison only", file=sys.stderr)
        return False
    return True


def against_peers(rows: int) -> dict[str, Figure]:
    """Compare others' splits with ours, where they are installed: how many times as long they take."""
    claims, few = made(rows), made(min(rows, FEW))
    fund, small = fund_of(claims), fund_of(few)
    ours, listed = divided(few)().tolist(), few.tolist()
    figures = {}
    for name, by_hand in (("Fraction", by_fraction), ("Decimal", by_decimal)):
        assert by_hand(listed, small) == ours
        figures[f"by hand in {name} / proportional, {len(few):,} claims"] = ratio(
            lambda by_hand=by_hand: by_hand(listed, small), divided(few), runs=3
        )
    if present("iteround"):
        from iteround import saferound

        shares = (claims * (fund / int(claims.sum()))).tolist()
        figures[f"iteround / proportional, {rows:,} claims"] = ratio(
            lambda: saferound(shares, 0), divided(claims), runs=1
        )
    if present("apportionment"):
        figures |= _apportionment(made(min(rows, FEW // 5)), fund_of(made(min(rows, FEW // 5))))
    if present("polars"):
        assert by_polars(claims.to_numpy(), fund).to_list() == divided(claims)().tolist()
        figures[f"polars in Int128 / proportional, {rows:,} claims"] = ratio(
            lambda: by_polars(claims.to_numpy(), fund), divided(claims)
        )
    return figures


def _apportionment(claims: pd.Series, fund: int) -> dict[str, Figure]:
    """Compare with the largest remainders of a library for elections, in floats; it sums anew for each party."""
    from apportionment.methods import compute

    listed, names = claims.tolist(), list(map(str, range(len(claims))))

    def theirs() -> list[int]:
        found: list[int] = compute("largest_remainder", listed, fund, parties=names)
        return found

    assert sum(theirs()) == fund
    return {f"apportionment / proportional, {len(claims):,} claims": ratio(theirs, divided(claims), runs=1)}


def main() -> None:
    """Print every ratio."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    versions = {"python": platform.python_version(), "pandas": pd.__version__, "numpy": np.__version__}
    print(json.dumps(versions | {"machine": platform.machine()}))
    figures = methods(rows) | grown(rows) | against_peers(rows)
    for name, (share, ours, theirs) in figures.items():
        print(f"{share:8.2f} x   {name}   ({ours:.4f} s / {theirs:.4f} s)")
    for name, how in (
        ("proportional", {}),
        ("constrained_equal_awards", {"method": "constrained_equal_awards"}),
    ):
        print(f"{beyond(rows, **how):8.2f} x   peak of memory beside the claims / the claims, {name}")


if __name__ == "__main__":
    main()
