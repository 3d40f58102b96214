"""Every method against what was published of it, and what it refuses. Sources stand with the cases."""

from __future__ import annotations

import json
import random
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from relief.allocation import METHODS, allocate
from relief.allocation.methods import arrival, centroid, layers, overlap, recursion
from relief.cli import command as cli
from relief.errors import MethodError
from relief.round.outputs import shares_csv

if TYPE_CHECKING:
    from types import ModuleType

CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "division.toml").read_text("utf-8"))["case"]
PUBLISHED = [(case, method) for case in CASES for method in case["awards"]]
ON_FLOORS = [
    "adjusted_proportional", "random_arrival", "minimal_overlap", "average_of_awards", "dominguez_thomson",
]  # fmt: skip


def is_shown_as(quota: Fraction, text: str) -> bool:
    """Return whether a number is right: exactly, or to its last place if it has any."""
    _, point, places = text.partition(".")
    return abs(quota - Fraction(text)) <= (Fraction(1, 10 ** len(places)) if point else 0)


@pytest.mark.parametrize(
    ("case", "method"), PUBLISHED, ids=[f"{case['source'][:24]}-{case['fund']}-{m}" for case, m in PUBLISHED]
)
def test_published_divisions(case: dict[str, Any], method: str) -> None:
    quotas = allocate(case["claims"], case["fund"], method=method).quotas
    shown = case["awards"][method]
    assert all(is_shown_as(*pair) for pair in zip(quotas, shown, strict=True)), (quotas.tolist(), shown)


def test_every_rule_of_the_literature_is_held_against_published_values() -> None:
    of_practice = {"equal", "flat_by_category", "tiered", "by_priority", "weighted"}
    assert {method for _, method in PUBLISHED} == set(METHODS) - of_practice


@pytest.mark.parametrize("method", ON_FLOORS)
def test_an_award_above_the_claim_is_refused_by_name(method: str) -> None:
    with pytest.raises(MethodError, match=method) as caught:
        allocate([10, 20], 15, method=method, allow_above_claim=True)
    assert caught.value.facts == {"method": method}
    with pytest.raises(MethodError, match=method):
        allocate([10, 20], 5, method=method, allow_above_claim=True)
    with pytest.raises(MethodError, match="allow_above_claim"):
        allocate([10, 20], 15, method=method, allow_above_claim=True, caps_fen=[11, 20])
    plan = allocate([10, 20], 15, method=method, allow_above_claim=True, caps_fen=[10, 20])
    assert plan.awards_fen.tolist() == allocate([10, 20], 15, method=method).awards_fen.tolist()


@pytest.mark.parametrize("method", ON_FLOORS)
def test_what_claims_cannot_take_is_returned_if_asked_for(method: str) -> None:
    plan = allocate([10, 20], 100, method=method, surplus="return", caps_fen=[5, 20])
    assert (plan.awards_fen.tolist(), plan.returned_fen) == ([5, 20], 75)


@pytest.mark.parametrize("method", ON_FLOORS)
def test_floors_are_set_aside_and_caps_truncate(method: str) -> None:
    plan = allocate([60, 90, 0], 70, method=method, floors_fen=[20, 0, 0], caps_fen=[50, 80, 9])
    rest = allocate([30, 80, 0], 50, method=method)
    assert plan.quotas.tolist() == [20 + rest.quotas[0], rest.quotas[1], rest.quotas[2]]


@pytest.mark.parametrize("method", ON_FLOORS)
def test_a_fund_of_nothing_and_one_of_everything(method: str) -> None:
    assert allocate([10, 20, 0], 0, method=method).quotas.tolist() == [0, 0, 0]
    assert allocate([10, 20, 0], 30, method=method).quotas.tolist() == [10, 20, 0]
    assert allocate([10, 20, 0], 15, method=method, floors_fen=[10, 5, 0]).quotas.tolist() == [10, 5, 0]


@pytest.mark.parametrize("method", ON_FLOORS)
def test_amounts_past_64_bits_are_exact(method: str) -> None:
    most = 2**63 - 1
    claims = [most, most, most - 1, 3]
    plan = allocate(claims, 2 * most, method=method)
    assert sum(plan.awards_fen.tolist()) == sum(plan.quotas) == 2 * most
    assert all(0 <= quota <= claim for quota, claim in zip(plan.quotas, claims, strict=True))


@pytest.mark.parametrize("method", ["random_arrival", "average_of_awards"])
def test_too_many_different_sums_are_refused_with_a_cure(method: str) -> None:
    claims = [10_000 + 2**k for k in range(40)]
    with pytest.raises(MethodError, match=rf"40 claims .*{method}.*adjusted_proportional") as caught:
        allocate(claims, sum(claims) // 2, method=method)
    assert caught.value.code == "allocation.too_many_sums"
    assert allocate([7] * 200 + [11] * 200, 1800, method=method).awards_fen.sum() == 1800


@pytest.mark.parametrize(("method", "module"), [("random_arrival", arrival), ("average_of_awards", centroid)])
def test_the_limit_of_sums_is_the_one_that_is_told(
    method: str, module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 2, 4 and 7, below the 6 that are lacking: 0, 2 and 4, at six steps each."""
    monkeypatch.setattr(module, "_MOST_STEPS", 3 * 6)
    assert allocate([2, 4, 8], 7, method=method).awards_fen.sum() == 7
    monkeypatch.setattr(module, "_MOST_STEPS", 3 * 6 - 1)
    with pytest.raises(MethodError) as caught:
        allocate([2, 4, 8], 7, method=method)
    assert caught.value.code == "allocation.too_many_sums"
    assert caught.value.facts == {"method": method, "count": 3, "limit": 2}


def test_the_limit_of_rounds_is_the_one_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recursion, "_MOST_BITS", 24)
    with pytest.raises(MethodError) as caught:
        allocate([1, 10**9], 10**9, method="dominguez_thomson")
    assert caught.value.code == "allocation.too_many_rounds"
    assert caught.value.facts == {"method": "dominguez_thomson", "count": 2, "limit": 12}


def test_too_many_rounds_are_refused_with_a_cure() -> None:
    with pytest.raises(MethodError, match=r"2 claims .*dominguez_thomson.*rounds.*talmud") as caught:
        allocate([1, 10**9], 10**9, method="dominguez_thomson")
    assert caught.value.code == "allocation.too_many_rounds"


def test_rounds_are_counted_in_stretches_and_not_one_by_one() -> None:
    claims = [100 * k * k + 1 for k in range(1, 100)]
    plan = allocate(claims, sum(claims) - 1, method="dominguez_thomson")
    assert sum(plan.quotas) == sum(claims) - 1


def test_claims_of_zero_count_among_those_who_share_a_round() -> None:
    assert allocate([2, 4], 3, method="dominguez_thomson").quotas.tolist() == [Fraction(5, 4), Fraction(7, 4)]
    with_zero = allocate([0, 2, 4], 3, method="dominguez_thomson").quotas.tolist()
    assert with_zero == [0, Fraction(4, 3), Fraction(5, 3)]


@pytest.mark.parametrize("digit", [30, 2])
def test_layers_too_many_for_one_denominator_are_divided_the_same(
    digit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With two bits to the digit most sums are undecided, so that they are worked out in full."""
    seeds, kinds = random.Random(7), set()  # noqa: S311
    # The award of 12 is 1/6 + 5/5 + 4/4 + 1/3 + 1/2: whole, though parts cut short add up to less.
    problems = [([1, 6, 10, 11, 12, 100], 100)]
    for _ in range(150):
        claims = [seeds.choice([0, 1, 6, 12, seeds.randint(1, 1000)]) for _ in range(seeds.randint(1, 7))]
        problems.append(([1 + claims[0], *claims[1:]], seeds.randint(0, sum(claims))))
    for claims, fund in problems:
        floors = [claim // 7 if 7 * fund > sum(claims) and len(claims) < 5 else 0 for claim in claims]
        exact = allocate(claims, fund, method="minimal_overlap", floors_fen=floors)
        with monkeypatch.context() as patch:
            patch.setattr(overlap, "_MOST_BITS", 0)
            patch.setattr(layers, "_DIGIT", digit)
            patch.setattr(layers, "_HALF", 2 * digit)
            lazy = allocate(claims, fund, method="minimal_overlap", floors_fen=floors)
            shown = lazy.shown_quotas.tolist()
        assert lazy.awards_fen.tolist() == exact.awards_fen.tolist(), (claims, fund)
        assert lazy.reconciliation == exact.reconciliation, (claims, fund)
        quotas = lazy.parts[0].quotas
        assert [quotas.fraction(i) for i in range(len(claims))] == exact.quotas.tolist(), (claims, fund)
        assert all(lazy.explain(i) == exact.explain(i) for i in range(len(claims))), (claims, fund)
        bits = 4 * digit if type(quotas).__name__ == "Layers" else 999
        short = [quota - part for quota, part in zip(exact.quotas, shown, strict=True)]
        assert all(0 <= part <= Fraction(len(claims), 2**bits) for part in short), (claims, fund)
        kinds.add(type(quotas).__name__)
    assert kinds == {"Quotas", "Layers"}


def test_a_hundred_thousand_claims_overlap_within_a_second_and_say_what_they_cannot() -> None:
    claims = [1_000_00 + (k * 7_919_777) % 99_000_000 for k in range(100_000)]
    plan = allocate(claims, sum(claims) // 3, method="minimal_overlap")
    assert plan.awards_fen.sum() == sum(claims) // 3
    assert "≈" in plan.explain(4, "en")
    with pytest.raises(MethodError, match="100000 awards"):
        plan.quotas  # noqa: B018
    with pytest.raises(MethodError, match="too long for a certificate"):
        plan.certificate()
    assert shares_csv(plan).count("≈".encode()) > 50_000


def test_a_folder_holds_what_is_too_long_to_be_told(tmp_path: Path) -> None:
    rows = [f"H{k},新会区,{k * k + 1}.{k % 10}7" for k in range(1, 150)]
    roster = tmp_path / "roster.csv"
    roster.write_text("household_id,district,claim_yuan\n" + "\n".join(rows), "utf-8")
    out = tmp_path / "split"
    arguments = ["allocate", str(roster), "--fund", "900000", "--method", "dominguez_thomson"]
    assert cli.app([*arguments, "--out", str(out)], standalone_mode=False) == 0
    told = json.loads((out / "record.json").read_text("utf-8"))["reconciliation"]["cut"]["remainder"]
    assert told.startswith("≈0.")


def test_long_fractions_are_shown_short_and_not_certified() -> None:
    claims = [10**k + k for k in range(40)]
    plan = allocate([claim % 10**17 for claim in claims], 10**16, method="dominguez_thomson")
    assert plan.quotas.sum() == 10**16
    assert "≈" in plan.explain(20)
