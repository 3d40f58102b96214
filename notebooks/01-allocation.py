# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # One fund, eighty households
#
# What an analyst of the federation asks of a round, in the order of the questions: who is recognised, how
# the fund was divided, where the last fen went, what another fund would have given, and who is still
# waiting, for what.
#
# The data is the synthetic sample: every household, person and amount is invented. Only the totals are those
# of the self-evaluation for 2021: 80 households, 2,338,400 yuan of out-of-pocket cost, 300,000 yuan. The
# standards in the sample's `rules/` are invented too.

# %%
# ruff: noqa: S101 - a figure that matters is asserted, so that the notebook fails when it moves
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pandas as pd

import relief

SAMPLE = Path("../data/samples/jiangmen-2021")
ON = "2021-09-30"
FUND_FEN = relief.fen("30万")


def in_yuan(table: pd.DataFrame) -> pd.DataFrame:
    """Show every column of fen in yuan."""
    fen = [name for name in table.columns if name.endswith("_fen")]
    shown = table.assign(**{name: relief.yuan(table[name]) for name in fen})
    return shown.rename(columns={name: name.removesuffix("_fen") + "_yuan" for name in fen})


# %% [markdown]
# ## Read, and look at what reading found

# %%
tables = relief.read_tables(SAMPLE / "申请.xlsx")
pd.Series({name: len(frame) for name, frame in tables.frames.items()}, name="rows").to_frame()

# %%
findings = relief.fault_table(tables.faults, "en")
assert not (findings["severity"] == "fault").any()
findings[["severity", "sheet", "row", "problem"]]

# %% [markdown]
# ## Judge, divide
#
# `run` does both. `assessment` and `allocation` hold what each gave.

# %%
pack = relief.load_pack(SAMPLE / "rules")
round_ = relief.run(tables, pack, FUND_FEN, on=ON)
judged, plan = round_.assessment, round_.allocation

assert judged.counts["eligible"] == 80
assert plan.claims_fen.sum() == relief.fen("233.84万")
assert plan.awards_fen.sum() == FUND_FEN == 300_000_00
round_.counts

# %%
pd.crosstab(judged.decisions["category"], judged.decisions["outcome"])

# %% [markdown]
# Why were households refused? One may fail several rules. Whoever fails none is in no category: the net
# income is too high, and no accident was recognised.

# %%
reasons = judged.reasons("en")
refused = judged.decisions.index[judged.decisions["outcome"] == "ineligible"]
failed = reasons[
    (reasons["result"] == "fail") & (reasons["kind"] == "rule") & reasons["household_id"].isin(refused)
]
why = failed["title"].value_counts()
why["in no category"] = len(refused) - failed["household_id"].nunique()
why.to_frame("households")

# %% [markdown]
# ## Districts
#
# 江海区 has no household and is a row all the same.

# %%
districts = round_.districts
assert districts["households"].to_dict() == {
    "市直": 7, "蓬江区": 6, "江海区": 0, "新会区": 27, "台山市": 13, "鹤山市": 11, "恩平市": 15, "开平市": 1,
}  # fmt: skip
assert districts["award_fen"].sum() == FUND_FEN
in_yuan(districts).assign(share=districts["share"].map(float).round(4))

# %% [markdown]
# How unequal are the awards? The division is proportional, so it is exactly as unequal as the costs are: the
# tenth with the largest costs has the same part of the fund as of the costs.

# %%
by_size = plan.table.sort_values("claim_fen", ascending=False)
top = by_size.head(len(by_size) // 10)
pd.Series({
    "households in the top tenth": len(top),
    "their part of the costs": round(top["claim_fen"].sum() / plan.claims_fen.sum(), 4),
    "their part of the fund": round(top["award_fen"].sum() / FUND_FEN, 4),
    "largest award, yuan": relief.yuan(int(by_size["award_fen"].iloc[0])),
    "smallest award, yuan": relief.yuan(int(by_size["award_fen"].iloc[-1])),
}).to_frame("")  # fmt: skip

# %% [markdown]
# ## The cut of the remainders
#
# One yuan of cost brings 375/2923 of a yuan. Every award starts at the whole fen below its exact quota; what
# is left of the fund is handed out in single fen, to the largest remainders.

# %%
rate = Fraction(FUND_FEN, int(plan.claims_fen.sum()))
assert rate == Fraction(375, 2923)
assert (plan.quotas == plan.claims_fen.map(lambda claim: claim * rate)).all()

left = FUND_FEN - int(plan.quotas.map(int).sum())
assert left == plan.reconciliation["units_by_remainder"] == plan.table["got_leftover"].sum()
plan.reconciliation

# %% [markdown]
# The queue for the leftover fen, on both sides of the cut: whoever has a smaller remainder than the last one
# served gets none. Nobody is a whole fen away from the exact quota.

# %%
queue = plan.table.sort_values(["remainder", "claim_fen"], ascending=False)
served, unserved = queue[queue["got_leftover"]], queue[~queue["got_leftover"]]
assert served["remainder"].min() >= unserved["remainder"].max()
assert ((plan.awards_fen - plan.quotas).abs() < 1).all()
cut = pd.concat([served.tail(4), unserved.head(4)])[
    ["claim_fen", "quota_fen", "remainder", "got_leftover", "award_fen"]
]
cut.assign(remainder_of_a_fen=cut["remainder"].map(float).round(4))

# %%
print(plan.explain(served.index[-1], "en"))
print()
print(plan.explain(unserved.index[0], "en"))

# %% [markdown]
# What would rounding each award by itself have given? On this sample and this fund, as it happens, the
# same. It is luck: of the funds around it, a fen apart from each other, most would not come out.

# %%
alone = plan.quotas.map(round)
print(
    "each award rounded by itself:", relief.yuan(int(alone.sum())), "yuan; the fund:", relief.yuan(FUND_FEN)
)

around = range(FUND_FEN - 100, FUND_FEN + 101)
total = int(plan.claims_fen.sum())
off = pd.Series(
    [sum(round(Fraction(c * fund, total)) for c in plan.claims_fen.tolist()) - fund for fund in around]
)
assert (off != 0).any()
off.value_counts().sort_index().rename_axis("fen too many").to_frame("funds")

# %% [markdown]
# ## Another fund
#
# The claims stay; only the fund changes. Awards in whole yuan are a question of the unit. Floors are an
# option as well: here nobody gets less than 500 yuan, or than their cost, where that is less.

# %%
floors = plan.claims_fen.clip(upper=relief.fen(500))
plans = {
    "300,000": plan,
    "250,000": relief.allocate(judged.claims_fen, relief.fen("25万")),
    "360,000": relief.allocate(judged.claims_fen, relief.fen("36万")),
    "300,000, whole yuan": relief.allocate(judged.claims_fen, FUND_FEN, unit_fen=100),
    "300,000, at least 500": relief.allocate(judged.claims_fen, FUND_FEN, floors_fen=floors),
}
for other in plans.values():
    assert other.awards_fen.sum() == other.fund_fen
pd.DataFrame({
    name: {
        "fund, yuan": relief.yuan(other.fund_fen),
        "per yuan of cost": round(other.fund_fen / int(plan.claims_fen.sum()), 4),
        "least, yuan": relief.yuan(int(other.awards_fen.min())),
        "median, yuan": relief.yuan(round(other.awards_fen.median())),
        "most, yuan": relief.yuan(int(other.awards_fen.max())),
        "better off than at 300,000": int((other.awards_fen > plan.awards_fen).sum()),
        "worse off": int((other.awards_fen < plan.awards_fen).sum()),
    }
    for name, other in plans.items()
}).T  # fmt: skip

# %% [markdown]
# The larger fund gives everybody more, the smaller one less:

# %%
assert (plans["360,000"].awards_fen >= plan.awards_fen).all()
assert (plans["250,000"].awards_fen <= plan.awards_fen).all()

# %% [markdown]
# Largest remainders do not promise that fen by fen. If the fund grows by a single fen, somebody can lose one,
# because the remainders pass each other. It is known as the Alabama paradox, and worth knowing before
# somebody asks. In these steps an award never changes by more than a fen:

# %%
steps = [relief.allocate(judged.claims_fen, FUND_FEN + more).awards_fen for more in range(101)]
losses = pd.Series(
    [int((after < before).sum()) for before, after in pairwise(steps)], name="steps of one fen"
)
assert all((after - before).abs().max() <= 1 for before, after in pairwise(steps))
losses.value_counts().sort_index().rename_axis("households that lose a fen").to_frame()

# %% [markdown]
# By district, the floor moves money towards those with small costs:

# %%
home = judged.decisions["district"]
names = [district.name for district in pack.districts]
moved = plans["300,000, at least 500"].by(home, names)["award_fen"] - plan.by(home, names)["award_fen"]
assert moved.sum() == 0
relief.yuan(moved).to_frame("moved, yuan")

# %% [markdown]
# ## Who is waiting, and for what
#
# A pending household is neither refused nor recognised: a fact is missing that could still change the answer.
# This is the list to work off before the next round.

# %%
missing = judged.missing("zh")
assert missing["household_id"].nunique() == judged.counts["pending"]
missing.merge(judged.decisions[["district", "claim_fen"]], left_on="household_id", right_index=True)

# %%
missing["fact"].value_counts().to_frame("households")

# %% [markdown]
# One of them in full:

# %%
print(judged.explain("JM2021-0083"))

# %% [markdown]
# If all of them were recognised as they stand, what part of the fund would go to them? Those whose cost is
# not known to the fen cannot be counted in.

# %%
waiting = judged.decisions.query("outcome == 'pending'")["claim_fen"].dropna().astype("int64")
waiting = waiting[waiting > 0]
with_all = relief.allocate(pd.concat([judged.claims_fen, waiting]), FUND_FEN)
share = Fraction(int(with_all.awards_fen[waiting.index].sum()), FUND_FEN)
print(f"{len(waiting)} more households would take {float(share):.1%} of the fund")

# %% [markdown]
# ## What rests on an example
#
# The sample's standards are examples, and some rules of the pack have no source. The run says which:

# %%
pd.Series(judged.not_sourced(), name="status").to_frame()

# %% [markdown]
# With the bare pack, which knows only the provincial minimum of the subsistence standard, whoever hangs on
# the city's own value is pending. Nobody changes sides.

# %%
bare = relief.assess(tables, "jiangmen-2021", on=ON)
settled = bare.decisions["outcome"] != "pending"
assert (bare.decisions["outcome"] == judged.decisions["outcome"])[settled].all()
pd.crosstab(judged.decisions["outcome"], bare.decisions["outcome"].rename("with the bare pack"))

# %%
opened = bare.decisions.index[
    (bare.decisions["outcome"] == "pending") & (judged.decisions["outcome"] != "pending")
]
facts = bare.missing("en")
facts[facts["household_id"].isin(opened)]["fact"].value_counts().to_frame("households")
