"""Households, members and papers of whom a fact in seventy is missing, typed as `read_tables` types them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from main_job import DISTRICTS

import relief
from judging.packs import KINDS, RESIDENCES
from relief.intake.tables import Tables

__all__ = ["MEMBERS", "PAPERS", "as_read", "documents", "households", "members"]

MEMBERS, PAPERS = 3, 4
_MISSING = 0.015


class _Maker:
    """Makes typed columns in which a fact in seventy is missing; seeded."""

    def __init__(self, rows: int, seed: int = 2021) -> None:
        self.rows = rows
        self.rng = np.random.default_rng(seed)

    def gaps(self) -> np.ndarray[Any, Any]:
        """Return where a column has no value."""
        return self.rng.random(self.rows) < _MISSING

    def whole(self, values: np.ndarray[Any, Any]) -> Any:
        """Return whole numbers with gaps."""
        return pd.arrays.IntegerArray(values.astype(np.int64), self.gaps())

    def money(self, most: int) -> Any:
        """Return amounts in fen, evenly spread."""
        return self.whole(self.rng.integers(0, most, self.rows))

    def flags(self, share: float) -> Any:
        """Return truths of which a share holds."""
        return pd.arrays.BooleanArray(self.rng.random(self.rows) < share, self.gaps())

    def words(self, words: tuple[str, ...]) -> Any:
        """Return a closed list's words."""
        codes = np.where(self.gaps(), -1, self.rng.integers(0, len(words), self.rows))
        return pd.Categorical.from_codes(codes, categories=pd.Index(words, dtype=object))

    def days(self) -> Any:
        """Return days from the end of 2020 to the end of 2021."""
        days = np.datetime64("2020-11-01", "s") + self.rng.integers(0, 410, self.rows) * np.timedelta64(
            1, "D"
        )
        days[self.gaps()] = np.datetime64("NaT")
        return days


def households(rows: int) -> pd.DataFrame:
    """Return households with the columns that the ten rules read."""
    make = _Maker(rows)
    return pd.DataFrame(
        {
            "household_id": pd.Series([f"H{number:08d}" for number in range(rows)], dtype=object),
            "district": make.words(DISTRICTS),
            "residence": make.words(RESIDENCES),
            "household_size": make.whole(make.rng.integers(1, 7, rows)),
            "union_member": make.flags(0.98),
            "income_fen": make.money(8_000_000),
            "rigid_expenditure_fen": make.money(3_000_000),
            "homes_count": make.whole(make.rng.choice([0, 1, 1, 1, 2], rows)),
            "vehicles_count": make.whole(make.rng.choice([0, 0, 0, 1], rows)),
            "deposits_fen": make.money(9_000_000),
            "out_of_pocket_fen": make.money(9_000_000),
            "visited_on": make.days(),
            "review_passed": make.flags(0.97),
            "notice_working_days": make.whole(make.rng.integers(6, 10, rows)),
        }
    )


def members(ids: pd.Series[Any]) -> pd.DataFrame:
    """Return the members of these households, with one income each."""
    make = _Maker(MEMBERS * len(ids), 7)
    return pd.DataFrame(
        {
            "household_id": pd.Series(np.repeat(ids.to_numpy(), MEMBERS), dtype=object),
            "counts_in_household": make.flags(0.95),
            "income_fen": make.money(3_000_000),
        }
    )


def documents(ids: pd.Series[Any]) -> pd.DataFrame:
    """Return the papers of these households, each of some kind and day, with three amounts."""
    make = _Maker(PAPERS * len(ids), 13)
    return pd.DataFrame(
        {
            "household_id": pd.Series(np.repeat(ids.to_numpy(), PAPERS), dtype=object),
            "kind": make.words(KINDS),
            "issued_on": make.days(),
            "total_fen": make.money(9_000_000),
            "pooled_fund_fen": make.money(6_000_000),
            "out_of_pocket_fen": make.money(3_000_000),
        }
    )


def as_read(frames: dict[str, pd.DataFrame]) -> Tables:
    """Return the tables that `read_tables` makes of the frames, without a copy of them as text.

    That it does make these is checked on the households of the first rows.
    """
    few = frames["households"]["household_id"].head(500)
    sample = {name: frame[frame["household_id"].isin(few)] for name, frame in frames.items()}
    read = relief.read_tables(sample)
    for name, frame in sample.items():
        pd.testing.assert_frame_equal(read[name], frame, check_categorical=False)
    origins = {
        name: pd.DataFrame(
            {
                part: pd.Categorical.from_codes(
                    np.zeros(len(frame), np.int8), categories=pd.Index([name], dtype=object)
                )
                for part in ("source", "sheet")
            }
        ).assign(row=np.arange(1, len(frame) + 1))
        for name, frame in frames.items()
    }
    return Tables(frames, origins)
