"""Check every award of a split from its certificate alone. Python's standard library, nothing else.

    python check_split.py certificate.json        # prints what is wrong; status 0 if nothing is

The certificate is what `Allocation.certificate()` returns, as JSON. See docs/allocation.md.
"""

import json
import sys
from fractions import Fraction
from pathlib import Path

FORMS = {
    "rate": lambda c, m: m * c,
    "award": lambda c, m: min(m, c),
    "equal": lambda _, m: m,
    "loss": lambda c, m: max(Fraction(0), c - m),
    "half_award": lambda c, m: min(m, c / 2),
    "half_loss": lambda c, m: c - min(m, c / 2),
    "half_loss_of_half": lambda c, m: c / 2 - min(m, c / 2),
    "half_and_award": lambda c, m: c / 2 + min(m, c / 2),
    "at_least_half": lambda c, m: max(c / 2, min(m, c)),
}
# Squares of the divisors between n and n + 1 units.
DIVISORS = {
    "jefferson": lambda n: Fraction(n + 1) ** 2,
    "webster": lambda n: Fraction(2 * n + 1, 2) ** 2,
    "huntington_hill": lambda n: Fraction(n * (n + 1)),
    "adams": lambda n: Fraction(n) ** 2,
    "dean": lambda n: Fraction(2 * n * (n + 1), 2 * n + 1) ** 2,
}


def check(split):
    """Return what is wrong with a split, one sentence each."""
    faults, awarded = [], 0
    for part in split["parts"]:
        rows = [dict(row, quota=Fraction(row["quota"])) for row in part["rows"]]
        bent = [row for row in rows if row["quota"] != expected(row, part, split["unit_fen"])]
        faults += [f"{row['id']}: the quota is not what {part['form']} says" for row in bent]
        if sum(row["quota"] for row in rows) != part["total"] or part["total"] > part["fund"]:
            faults.append(f"group {part['group']}: the quotas do not add up to what was divided")
        given = by_remainder(rows, part["total"]) if split["rounding"] == "largest_remainder" else None
        wrong = [row for row in rows if given and row["award"] != given[row["id"]]]
        if given is None:
            wrong = by_divisor(rows, DIVISORS[split["rounding"]], part["total"])
        faults += [f"{row['id']}: the award is not what {split['rounding']} gives" for row in wrong]
        awarded += sum(row["award"] for row in rows) * split["unit_fen"]
    if awarded + split["returned_fen"] != split["fund_fen"] or split["returned_fen"] < 0:
        faults.append("the awards and what is returned do not add up to the fund")
    return faults


def expected(row, part, unit):
    """Return the quota by the part's formula; as it is told where there is none."""
    quota = row["quota"]
    if part["form"]:
        quota = FORMS[part["form"]](Fraction(row["base"]), Fraction(part["multiplier"]))
        quota = quota if part["form"] == "rate" else quota / unit
    cap = row["cap"] if row["cap"] is not None else max(quota, row["floor"])
    return max(Fraction(row["floor"]), min(quota, Fraction(cap)))


def by_remainder(rows, total):
    """Return the awards by largest remainders, equal ones by place."""
    given = {row["id"]: row["quota"] // 1 for row in rows}
    queue = sorted(rows, key=lambda row: (-(row["quota"] % 1), row["place"]))
    for row in queue[: total - sum(given.values())]:
        given[row["id"]] += 1
    return given


def by_divisor(rows, squared, total):
    """Return who has a unit that another should have had, or all if the sum is wrong."""
    if sum(row["award"] for row in rows) != total:
        return rows

    def turn(row, award):
        divisor = squared(award)
        score = row["quota"] ** 2 / divisor if divisor else 10**99 * row["quota"]
        return -score, row["place"]

    free = [row for row in rows if row["cap"] is None or row["award"] < row["cap"]]
    waiting = min((turn(row, row["award"]) for row in free if row["quota"]), default=None)
    return [
        row
        for row in rows
        if row["award"] < row["floor"]
        or (row["cap"] is not None and row["award"] > row["cap"])
        or (waiting and row["award"] > row["floor"] and turn(row, row["award"] - 1) > waiting)
    ]


if __name__ == "__main__":
    found = check(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    sys.stdout.write("\n".join([*found] or ["every award follows"]) + "\n")
    sys.exit(bool(found))
