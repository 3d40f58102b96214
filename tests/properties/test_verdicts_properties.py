"""Households judged in blocks, most of them as if complete, against every one over intervals.

`relief.verdicts.judged` takes the cells of a block as known and judges again where one is missing.
Here each rule is worked out a second time for all households over intervals alone, and the outcome
from that by plain Python, one household at a time.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np
import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.packs import small_pack
from tests.properties.test_values_properties import ON, PARTS, amounts, cases, tables, truths

from relief import verdicts as blocks
from relief.intake.tables import Tables
from relief.rulepack import facts as store
from relief.rulepack.facts import Facts
from relief.rulepack.values import Amount, Truth
from relief.verdicts import ELIGIBLE, INELIGIBLE, PENDING, Verdicts, judged

if TYPE_CHECKING:
    Three = bool | None

FLAVOURS: list[dict[str, Any]] = [
    {}, {}, {"missing": "fail"}, {"missing": "ask"}, {"liftable": False}, {"effect": "warn"},
    {"bars": ["c0"]}, {"bars": ["c0", "c1"]}, {"bars": ["c1"], "missing": "fail"},
]  # fmt: skip
RULED = ["r0", "r1", "c0"]


@st.composite
def packs(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the parts of a pack: rules of every flavour over a measure, categories, benefits."""
    shared, claim, gift = draw(truths(1)), draw(amounts(1)), draw(amounts(1))
    texts = [draw(truths(2))[0] for _ in range(4)]
    rules = {
        f"r{at}": {"requires": text if at else f"{text} or shared", **draw(st.sampled_from(FLAVOURS))}
        for at, text in enumerate(texts[:2])
    }
    categories = {"c0": f"{texts[2]} and shared", "c1": texts[3]}
    benefits = {
        "b0": {"when": f"eligible and {draw(truths(1))[0]}", "amount": f"min(claim, {gift[0]})"},
        "b1": 'category in ["c1", ""] or not eligible',
    }
    assume(all(len(text) <= 900 for text in [*texts, shared[0], claim[0], gift[0]]))
    measures = {"shared": {"holds": shared[0]}, "total": gift[0]}
    return {
        "measures": measures, "rules": rules, "categories": categories, "benefits": benefits,
        "claim": claim[0],
    }  # fmt: skip


@st.composite
def rounds(draw: st.DrawFn) -> Tables:
    """Draw households, some with everything known, and rulings on a few."""
    household = st.booleans().flatmap(lambda missing: cases(missing=missing))
    found = draw(st.lists(household, min_size=1, max_size=7))
    whole = tables(found)
    ids = [f"H{at}" for at in range(len(found))]
    ruling = st.tuples(
        st.sampled_from(ids), st.sampled_from(RULED), st.booleans(), st.sampled_from([-9, 0, 1])
    )
    rows = draw(st.lists(ruling, max_size=3))
    frame = pd.DataFrame(rows, columns=["household_id", "rule_id", "value", "ruled_on"])
    frame["value"] = frame["value"].astype("boolean")
    frame["ruled_on"] = pd.Timestamp(ON).as_unit("s") + pd.to_timedelta(
        frame["ruled_on"].astype(int), unit="D"
    )
    return Tables({**whole.frames, "rulings": frame}, {})


# --- a second time, plainly -------------------------------------------------------------------------


def three(truth: Truth, at: int) -> Three:
    return True if truth.yes[at] else False if truth.no[at] else None


def both(parts: list[Three]) -> Three:
    return False if False in parts else None if None in parts else True


class Plain:
    """One household, judged from what each tree comes to over intervals."""

    def __init__(self, facts: Facts, at: int) -> None:
        pack, view = facts.pack, facts.view()
        rulings = {id_: view.ruling(id_) for id_ in [item.id for item in (*pack.rules, *pack.categories)]}
        self.answers: dict[str, Three] = {}
        for item in (*pack.rules, *pack.categories):
            answer = three(view.truth(item.node), at)
            ruling = rulings[item.id]
            ruled = three(ruling, at) if ruling is not None and item.liftable else None
            if answer is None and item.missing == "fail":
                answer = False
            self.answers[item.id] = answer if ruled is None else ruled
        for category in pack.categories:
            bars = [self.answers[rule.id] for rule in pack.rules if category.id in rule.bars]
            self.answers[category.id] = both([*bars, self.answers[category.id]])
        rules = [self.answers[rule.id] for rule in pack.rules if rule.effect == "refuse" and not rule.bars]
        fitting = [self.answers[category.id] for category in pack.categories]
        assert pack.claim is not None
        claim = view.amount(pack.claim.node)
        low, high = claim.at(at)
        # A claim that no column of fen can hold is not known.
        self.claim = None if low is None or low != high or abs(low // 1) >= 2**63 else low // 1
        refused = both(rules) is False or not any(answer is not False for answer in fitting)
        first = next((at for at, answer in enumerate(fitting) if answer is not False), None)
        certain = first is not None and fitting[first] is True
        self.category = first + 1 if certain and first is not None and not refused else 0
        self.outcome = PENDING
        if refused:
            self.outcome = INELIGIBLE
        elif both(rules) is True and certain and self.claim is not None:
            self.outcome = ELIGIBLE


def codes(found: Verdicts) -> dict[str, list[Any]]:
    """Return everything that was decided, by household."""
    told: dict[str, list[Any]] = {"outcome": found.outcome.tolist(), "category": found.category.tolist()}
    for item in (*found.items, *found.benefits):
        told[item.stated.id] = item.codes.tolist()
    for name, whole in {"claim": found.claim, **found.measures, **found.gifts}.items():
        told[f"{name}_fen"] = [
            int(fen) if known else None for fen, known in zip(whole.fen, whole.known, strict=True)
        ]
    for name, marks in (("failed", found.failed), ("unknown", found.unknown)):
        told[name] = [int(mark) for mark in marks.whole()]
    return told


def judged_in(block: int, facts: Facts) -> dict[str, list[Any]]:
    with patch.object(blocks, "_BLOCK", block), patch.object(store, "_BLOCK", block):
        return codes(judged(facts))


@settings(max_examples=50)
@given(parts=packs(), whole=rounds(), block=st.sampled_from([1, 2, 3, 2**16]))
def test_blocks_decide_as_intervals_alone_do(parts: dict[str, Any], whole: Tables, block: int) -> None:
    pack = small_pack(**PARTS, **parts)
    facts = Facts(whole, pack, ON)
    found = judged_in(block, facts)
    view = Facts(whole, pack, ON).view()
    for at in range(facts.size()):
        plain = Plain(view.facts, at)
        assert (found["outcome"][at], found["category"][at]) == (plain.outcome, plain.category)
        for id_, answer in plain.answers.items():
            assert (found[id_][at] & 1 > 0, found[id_][at] & 2 > 0) == (answer is True, answer is False), id_
        assert found["claim_fen"][at] == plain.claim
        total = view.measure("total")
        assert isinstance(total, Amount)
        low, high = total.at(at)
        if low is not None and low == high and abs(low) < 2**63:
            assert found["total_fen"][at] == low // 1


@settings(max_examples=20)
@given(parts=packs(), whole=rounds(), block=st.sampled_from([1, 2, 3]), seed=st.integers(0, 99))
def test_neither_blocks_nor_the_order_of_rows_decide(
    parts: dict[str, Any], whole: Tables, block: int, seed: int
) -> None:
    shuffled, order = {}, random.Random(seed)  # noqa: S311
    for name, frame in whole.frames.items():
        places = list(range(len(frame)))
        order.shuffle(places)
        shuffled[name] = frame.iloc[places].reset_index(drop=True)
    pack = small_pack(**PARTS, **parts)
    straight = Facts(whole, pack, ON)
    mixed = Facts(Tables(shuffled, {}), pack, ON)
    found, again = judged_in(2**16, straight), judged_in(block, mixed)
    back = np.argsort(mixed.ids.to_numpy(), kind="stable")
    assert {name: [values[at] for at in back] for name, values in again.items()} == found


@settings(max_examples=15)
@given(parts=packs(), whole=rounds())
def test_each_household_is_decided_as_if_alone(parts: dict[str, Any], whole: Tables) -> None:
    pack = small_pack(**PARTS, **parts)
    together = judged_in(2**16, Facts(whole, pack, ON))
    for at, id_ in enumerate(whole["households"]["household_id"]):
        ours = {name: f[f["household_id"] == id_].reset_index(drop=True) for name, f in whole.frames.items()}
        alone = judged_in(2**16, Facts(Tables(ours, {}), pack, ON))
        assert {name: values[at] for name, values in together.items()} == {n: v[0] for n, v in alone.items()}
