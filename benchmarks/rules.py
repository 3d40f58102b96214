"""How judging by a rule pack compares with numpy, with OpenFisca and with a pandas group-by.

    python benchmarks/rules.py [ROWS]

Prints, for households of whom a fact in seventy is missing, a pack of ten rules against the same
rules in two-valued numpy over the same columns, and against an OpenFisca-core model of them; ten
times the households against once; and a pack that joins in members and papers against a sum of
the papers by household. Both sides are held to the same answer for every household whose facts
are all known. Medians of interleaved runs; absolute times belong to the machine.
"""

from __future__ import annotations

import gc
import json
import platform
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from judging.by_hand import by_hand
from judging.made import MEMBERS, PAPERS, as_read, documents, households, members
from judging.packs import CATEGORIES, KINDS, STANDARDS_FEN, joined_rules, ten_rules
from main_job import ratio

import relief

if TYPE_CHECKING:
    from relief.intake.tables import Tables
    from relief.rulepack.pack import Pack

ON = "2021-09-30"
ROWS = 1_000_000
Figure = tuple[float, float, float]


def check(frame: pd.DataFrame, decisions: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Hold the decisions of every household whose facts are all known to those expected."""
    known = frame.notna().all(axis=1).to_numpy()
    assert known.mean() > 0.5
    ours, theirs = decisions[known], expected[known]
    failed = ours["failed_rules"].astype(object).str.replace(";deep;relative", "", regex=False)
    assert (failed.to_numpy() == theirs["failed_rules"].to_numpy()).all()
    for name in ("outcome", "category", "claim_fen"):
        assert (np.asarray(ours[name]) == np.asarray(theirs[name])).all(), name
    assert theirs["outcome"].nunique() == 2
    assert set(theirs["category"]) == {"", *CATEGORIES}


def against_numpy(rows: int) -> dict[str, Figure]:
    """Compare with the same rules by hand."""
    frame = households(rows)
    tables, rules = as_read({"households": frame}), ten_rules()
    check(frame, relief.assess(tables, rules, on=ON).decisions, by_hand(frame, ON))
    found = ratio(lambda: relief.assess(tables, rules, on=ON).decisions, lambda: by_hand(frame, ON))
    return {f"decisions, {rows:,} households x 10 rules / numpy by hand": found}


def against_openfisca(rows: int) -> dict[str, Figure]:
    """Compare with OpenFisca-core, where it is installed: how many times as many households a second."""
    if find_spec("openfisca_core") is None:
        print("OpenFisca left out: pip install OpenFisca-Core, for this comparison only", file=sys.stderr)
        return {}
    from judging import by_openfisca

    frame = households(rows)
    tables, rules = as_read({"households": frame}), ten_rules()
    inputs = frame.drop(columns="household_id")
    known, expected = frame.notna().all(axis=1), by_hand(frame, ON)["outcome"].to_numpy() == "eligible"
    figures = {}
    for ask_once in (False, True):
        model = by_openfisca.system(inputs, STANDARDS_FEN, ask_once=ask_once)
        judged = by_openfisca.judge(model, inputs, ON)
        assert (judged["eligible"] == expected)[known].all()
        found = ratio(
            lambda model=model: by_openfisca.judge(model, inputs, ON),
            lambda: relief.assess(tables, rules, on=ON).decisions,
        )
        asked = "once" if ask_once else "by each formula"
        figures[f"OpenFisca-core, parameter asked {asked} / decisions, {rows:,} households x 10 rules"] = (
            found
        )
    return figures


def against_groupby(rows: int) -> dict[str, Figure]:
    """Compare the pack that joins in members and papers with a sum of the papers by household."""
    frame = households(rows).drop(
        columns=["household_size", "income_fen", "deposits_fen", "out_of_pocket_fen"]
    )
    ids = frame["household_id"]
    papers = documents(ids)
    tables = as_read({"households": frame, "members": members(ids), "documents": papers})
    rules = joined_rules()
    amounts = ["total_fen", "pooled_fund_fen", "out_of_pocket_fen"]

    def by_household(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.groupby("household_id")[amounts].sum()

    claim = relief.assess(tables, rules, on=ON).decisions["claim_fen"]
    day = papers["issued_on"]
    receipts = papers[(papers["kind"] == KINDS[0]) & (day >= "2021-01-01") & (day <= ON)]
    expected = by_household(receipts)["out_of_pocket_fen"].reindex(claim.index, fill_value=0)
    known = papers.notna().all(axis=1).to_numpy().reshape(-1, PAPERS).all(axis=1)
    assert (claim == expected)[known].all()
    found = ratio(lambda: relief.assess(tables, rules, on=ON).decisions, lambda: by_household(papers))
    joined = f"{rows:,} households with {MEMBERS} members and {PAPERS} papers each"
    return {f"decisions, {joined} / groupby.sum of the papers": found}


# --- ten times as many, in a process of its own -------------------------------------------------


def grown(rows: int) -> None:
    """Print as JSON the time of ten times the households against once, and the memory of each."""
    frame, rules = households(10 * rows), ten_rules()
    many, few = as_read({"households": frame}), as_read({"households": frame.head(rows)})
    beyond = [_beyond(tables, rules) for tables in (few, many)]
    found = ratio(
        lambda: relief.assess(many, rules, on=ON).decisions,
        lambda: relief.assess(few, rules, on=ON).decisions,
        runs=3,
    )
    print(json.dumps({"figure": found, "beyond": beyond}))


def _beyond(tables: Tables, rules: Pack) -> float:
    """Return how many MB judging took at its highest beyond the tables before and the decisions after."""
    gc.collect()
    before = _memory("VmRSS", forget=True)
    judged = relief.assess(tables, rules, on=ON)
    highest = _memory("VmHWM")
    return highest and round(highest - before - judged.decisions.memory_usage().sum() / 2**20)


def _memory(what: str, *, forget: bool = False) -> float:
    """Return this process's memory in MB as Linux tells it, elsewhere 0; `forget` its highest so far."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return 0
    if forget:
        Path("/proc/self/clear_refs").write_text("5")
    line = next(line for line in status.read_text().splitlines() if line.startswith(what))
    return int(line.split()[1]) / 1024


def compare(rows: int) -> None:
    """Print every ratio."""
    versions = {"python": platform.python_version(), "pandas": pd.__version__, "numpy": np.__version__}
    print(json.dumps(versions | {"machine": platform.machine()}))
    figures = against_numpy(rows) | against_openfisca(rows) | against_groupby(rows)
    told = subprocess.run([sys.executable, __file__, "--grown", str(rows)], check=True, capture_output=True)
    found = json.loads(told.stdout)
    figures[f"decisions, {10 * rows:,} households x 10 rules / {rows:,}"] = found["figure"]
    for name, (share, ours, theirs) in figures.items():
        print(f"{share:8.2f} x   {name}   ({ours:.3f} s / {theirs:.3f} s)")
    few, many = found["beyond"]
    print(f"memory beyond tables and decisions: {few} MB, with ten times the households {many} MB")


def main() -> None:
    """Compare, or in a process of its own grow."""
    *grow, rows = sys.argv[1:] or [str(ROWS)]
    (grown if grow else compare)(int(rows))


if __name__ == "__main__":
    main()
