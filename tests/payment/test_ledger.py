"""Whatever is paid, comes back and is paid again: nobody gets more than the award, no fen is lost."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from relief.errors import PaymentError
from relief.payment.ledger import Ledger, Payment, ledger_of
from relief.round.chain import Step

AWARDS = {("a", ""): 100, ("b", ""): 250, ("c", "市级"): 0}


def test_every_fen_is_in_one_place() -> None:
    ledger = Ledger(AWARDS, 400).pay([Payment("1", "a", "", 100), Payment("2", "b", "", 200)])
    assert ledger.owed == {("b", ""): 50}
    assert ledger.sums == {"fund": 400, "paid": 300, "owed": 50, "unspent": 50, "overpaid": 0}
    back = ledger.take_back({"2": "户名不符"})
    assert back.owed == {("b", ""): 250}
    assert back.pay([Payment("3", "b", "", 250)]).owed == {}


@pytest.mark.parametrize(
    ("payments", "code"),
    [
        ([Payment("1", "a", "", 101)], "payment.more_than_owed"),
        ([Payment("1", "a", "", 60), Payment("2", "a", "", 60)], "payment.more_than_owed"),
        ([Payment("1", "a", "市级", 1)], "payment.more_than_owed"),
        ([Payment("1", "z", "", 1)], "payment.more_than_owed"),
        ([Payment("1", "a", "", 0)], "payment.nothing"),
        ([Payment("1", "a", "", -5)], "payment.nothing"),
        ([Payment("1", "a", "", 5), Payment("1", "b", "", 5)], "payment.ref_twice"),
    ],
)
def test_what_would_pay_too_much_is_refused(payments: list[Payment], code: str) -> None:
    with pytest.raises(PaymentError) as refused:
        Ledger(AWARDS, 400).pay(payments)
    assert refused.value.code == code


def test_a_return_fits_one_payment_once() -> None:
    ledger = Ledger(AWARDS, 400).pay([Payment("1", "a", "", 100)]).take_back({"1": "销户"})
    for returned, code in (({"1": "销户"}, "payment.returned_twice"), ({"9": "x"}, "payment.no_ref")):
        with pytest.raises(PaymentError) as refused:
            ledger.take_back(returned)
        assert refused.value.code == code


def test_what_an_earlier_round_paid_counts() -> None:
    before = [Payment("old-1", "a", "", 130), Payment("old-2", "b", "", 50)]
    step = Step(1, "corrects", "2021-10-01", "x", "", {"payments": [each.plain for each in before]})
    ledger = ledger_of(AWARDS, 400, [step])
    assert ledger.owed == {("b", ""): 200}
    assert ledger.overpaid == {("a", ""): 30}
    sums = ledger.sums
    assert sums["paid"] + sums["owed"] + sums["unspent"] - sums["overpaid"] == 400
    back = ledger.take_back({"old-1": "退汇"})
    assert back.owed == {("a", ""): 100, ("b", ""): 200}
    assert back.overpaid == {}


NAMES, SOURCES = st.sampled_from("abc"), st.sampled_from(["", "市"])
AWARDED = st.dictionaries(st.tuples(NAMES, SOURCES), st.integers(0, 300))


class Paying(RuleBasedStateMachine):
    """Pay, return, re-run, in any order, from the steps that the folder keeps."""

    @initialize(
        awards=st.dictionaries(st.tuples(NAMES, SOURCES), st.integers(0, 300)), spare=st.integers(0, 9)
    )
    def begin(self, awards: dict[tuple[str, str], int], spare: int) -> None:
        self.awards, self.fund = awards, sum(awards.values()) + spare
        self.steps: list[Step] = []
        self.out: Counter[tuple[str, str]] = Counter()
        self.refs: dict[str, tuple[tuple[str, str], int]] = {}
        self.before: Counter[tuple[str, str]] = Counter()

    def ledger(self) -> Ledger:
        return ledger_of(self.awards, self.fund, self.steps)

    def step(self, name: str, facts: dict[str, Any]) -> None:
        self.steps.append(Step(len(self.steps) + 1, name, "2021-10-01", "x", "", facts))

    @rule(household=NAMES | st.just("d"), source=SOURCES, fen=st.integers(-1, 300), ref=st.integers(0, 20))
    def pay(self, household: str, source: str, fen: int, ref: int) -> None:
        payment = Payment(str(ref), household, source, fen)
        try:
            self.ledger().pay([payment])
        except PaymentError:
            return
        self.step(
            "paid",
            {"payments": [{"ref": str(ref), "household_id": household, "source": source, "fen": str(fen)}]},
        )
        self.out[payment.key] += fen
        self.refs[str(ref)] = (payment.key, fen)

    @rule()
    def pay_what_is_owed(self) -> None:
        owed = self.ledger().owed
        rows = [
            {"ref": f"{len(self.refs)}-{at}", "household_id": key[0], "source": key[1], "fen": str(fen)}
            for at, (key, fen) in enumerate(owed.items())
        ]
        self.step("paid", {"payments": rows})
        for row, (key, fen) in zip(rows, owed.items(), strict=True):
            self.out[key] += fen
            self.refs[row["ref"]] = (key, fen)

    @rule(ref=st.integers(0, 20))
    def come_back(self, ref: int) -> None:
        try:
            self.ledger().take_back({str(ref): "销户"})
        except PaymentError:
            return
        self.step("returned", {"returned": [{"ref": str(ref), "why": "销户"}]})
        key, fen = self.refs[str(ref)]
        self.out[key] -= fen

    @rule(awards=AWARDED, spare=st.integers(0, 9))
    def correct(self, awards: dict[tuple[str, str], int], spare: int) -> None:
        kept = self.ledger().kept
        self.awards, self.fund, self.steps = awards, sum(awards.values()) + spare, []
        self.step("corrects", {"payments": [each.plain for each in kept]})
        self.before = +self.out

    @invariant()
    def nobody_has_more_than_the_award(self) -> None:
        ledger = self.ledger()
        for key, fen in self.out.items():
            assert 0 <= fen <= max(self.awards.get(key, 0), self.before[key])
        assert +ledger.paid == +self.out
        sums = ledger.sums
        assert sums["paid"] + sums["owed"] + sums["unspent"] - sums["overpaid"] == self.fund
        assert self.before or not sums["overpaid"]


Paying.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestPaying = Paying.TestCase
