"""Axioms convict bad allocators and clear good ones; the matrix, the promises and what cannot be agree."""

from __future__ import annotations

import pickle
import sys
from fractions import Fraction
from itertools import permutations, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.matrix import of_the_matrix, reckoned

import relief
from relief.allocation import METHODS, ROUNDINGS, allocate
from relief.errors import AllocationError, MethodError
from relief.fairness import (
    AXIOMS,
    IMPLICATIONS,
    PROMISES,
    Matrix,
    check,
    impossible,
    people,
    small_problems,
    together,
)
from relief.fairness.asking import Asked, shares
from relief.fairness.axioms import OF_PLANS, OF_UNITS
from relief.fairness.columns import CHECKS
from relief.fairness.dividing import exactly, in_units
from relief.fairness.promises import kept_together

if TYPE_CHECKING:
    from collections.abc import Callable

    from relief.allocation import Allocation

# The package gives the function's name to the module's function.
rare = sys.modules["relief.fairness.impossible"]
LARGEST = in_units("proportional", "largest_remainder")


def fixed(*awards: Any) -> Callable[[list[int], int], list[Any]]:
    return lambda _claims, _fund: list(awards)


def floors(claims: list[int], fund: int) -> list[int]:
    return [claim * fund // sum(claims) for claim in claims]


def last_takes_the_rest(claims: list[int], fund: int) -> list[int]:
    awards = floors(claims, fund)
    return [*awards[:-1], fund - sum(awards[:-1])]


def all_to_the_smallest(claims: list[int], fund: int) -> list[int]:
    smallest = claims.index(min(claims))
    return [fund * (row == smallest) for row in range(len(claims))]


# Axiom, an allocator that breaks it, claims, fund, the row of the wrong award, and what it should be.
BAD: dict[str, tuple[Any, list[int], int, int | None, str, Any]] = {
    "balance": (floors, [1, 1], 1, None, "exactly", 1),
    "claims_bounded": (fixed(2, 0), [1, 2], 2, 0, "at_most", 1),
    "non_negativity": (fixed(3, -1), [3, 2], 2, 1, "at_least", 0),
    "quota": (fixed(0, 0, 3), [1, 1, 4], 3, 2, "at_most", 2),
    "lower_quota": (fixed(1, 1, 1), [1, 1, 4], 3, 2, "at_least", 2),
    "upper_quota": (fixed(0, 0, 3), [1, 1, 4], 3, 2, "at_most", 2),
    "remainder_order": (fixed(1, 1), [1, 4], 2, 1, "at_least", 2),
    "equal_treatment": (LARGEST, [1, 1], 1, 1, "exactly", 1),
    "equal_treatment_within_unit": (fixed(2, 0), [2, 2], 2, 1, "at_least", 1),
    "anonymity": (last_takes_the_rest, [1, 2], 2, 0, "exactly", 1),
    "order_preservation": (fixed(2, 0), [2, 3], 2, 1, "at_least", 2),
    "order_preservation_of_awards": (fixed(2, 0), [2, 3], 2, 1, "at_least", 2),
    "order_preservation_of_losses": (fixed(0, 3), [2, 3], 3, 1, "at_most", 1),
    "resource_monotonicity": (LARGEST, [1, 3, 3], 3, 0, "at_most", 0),
    "claim_monotonicity": (all_to_the_smallest, [1, 1], 1, 0, "at_most", 0),
    "population_monotonicity": (LARGEST, [1, 1, 3], 2, 0, "at_most", 0),
    "consistency": (LARGEST, [1, 1, 3], 2, 0, "exactly", 0),
    "composition_down": (exactly("talmud"), [1, 2], 2, 0, "exactly", Fraction(1, 4)),
    "composition_up": (exactly("talmud"), [1, 2], 2, 0, "exactly", Fraction(3, 4)),
    "self_duality": (exactly("constrained_equal_awards"), [1, 2], 1, 0, "exactly", 0),
    "self_duality_within_unit": (in_units("proportional", "jefferson"), [1, 1, 2], 2, 2, "at_most", 1),
    "no_gain_by_merging": (exactly("talmud"), [1, 1, 1], 2, 0, "at_least", Fraction(5, 6)),
    "no_gain_by_splitting": (exactly("constrained_equal_awards"), [1, 2], 1, 1, "at_least", Fraction(2, 3)),
    "homogeneity": (LARGEST, [1, 1], 1, 1, "exactly", Fraction(1, 2)),
    "claims_truncation_invariance": (shares, [1, 2], 1, 0, "exactly", Fraction(1, 2)),
    "minimal_rights_first": (shares, [1, 2], 2, 0, "exactly", Fraction(1, 2)),
}
NOT_OF_SHARES = {"claims_truncation_invariance", "minimal_rights_first"}


def good(axiom: str) -> Any:
    if axiom in NOT_OF_SHARES:
        return exactly("talmud")
    return LARGEST if axiom in OF_UNITS else shares


def test_every_axiom_has_a_bad_allocator() -> None:
    assert set(BAD) == set(AXIOMS)
    assert "bounds_respected" in OF_PLANS
    assert relief.fairness.AXIOMS is AXIOMS


@pytest.mark.parametrize("axiom", AXIOMS)
def test_an_axiom_convicts_a_bad_allocator_and_the_witness_breaks_again(axiom: str) -> None:
    bad, claims, fund, row, relation, wanted = BAD[axiom]
    witness = AXIOMS[axiom](bad, claims, fund)
    assert witness is not None
    assert (witness.axiom, witness.claims, witness.fund) == (axiom, tuple(claims), fund)
    assert list(witness.awards) == list(bad(claims, fund))
    assert (witness.breach.row, witness.breach.relation, witness.breach.wanted) == (row, relation, wanted)
    assert witness.rerun(bad)
    assert not witness.rerun(good(axiom))
    for lang in ("zh", "en"):
        assert axiom in witness.text(lang)
        assert str(wanted) in witness.text(lang)


@pytest.mark.parametrize("axiom", AXIOMS)
def test_an_axiom_clears_a_good_allocator(axiom: str) -> None:
    asked = Asked(good(axiom))
    for claims, fund in small_problems(((1, 2), (2, 3), (3, 2))):
        assert AXIOMS[axiom](asked, claims, fund) is None


@pytest.mark.parametrize(
    "axiom", ["resource_monotonicity", "claim_monotonicity", "population_monotonicity", "consistency",
              "composition_down", "composition_up", "self_duality", "self_duality_within_unit", "anonymity",
              "no_gain_by_merging", "no_gain_by_splitting", "homogeneity", "claims_truncation_invariance",
              "minimal_rights_first"],
)  # fmt: skip
def test_a_witness_of_two_problems_tells_the_second(axiom: str) -> None:
    bad, claims, fund, *_ = BAD[axiom]
    witness = AXIOMS[axiom](bad, claims, fund)
    assert witness is not None
    assert witness.other is not None
    other, other_fund, awards = witness.other
    assert Asked(bad)(other, other_fund) == awards
    assert (other, other_fund) != (witness.claims, fund) or axiom.startswith("self_duality")
    assert f"fund {other_fund}, awards" in witness.text().partition("Compared")[2]


def test_the_alabama_paradox_is_told_with_both_funds() -> None:
    witness = AXIOMS["resource_monotonicity"](LARGEST, [1, 3, 3], 3)
    assert witness is not None
    assert witness.text() == (
        "resource_monotonicity is broken. Claims [1, 3, 3], fund 3, awards [1, 1, 1]: row 1 gets 1, and "
        "should get at most 0. Compared with claims [1, 3, 3], fund 4, awards [0, 2, 2]."
    )


def test_a_witness_is_seen_from_either_fund() -> None:
    """The awards of fund 4 are the wrong ones too, seen from there."""
    witness = AXIOMS["resource_monotonicity"](LARGEST, [1, 3, 3], 4)
    assert witness is not None
    assert (witness.breach.row, witness.breach.relation, witness.breach.wanted) == (0, "at_least", 1)


@pytest.mark.parametrize(("fund", "relation"), [(3, "at_most"), (4, "at_least")])
def test_the_next_fund_is_tried_where_there_are_many(fund: int, relation: str) -> None:
    """Of 36 funds only a few are tried; those beside the fund are among them."""
    witness = AXIOMS["resource_monotonicity"](LARGEST, [5, 15, 15], fund)
    assert witness is not None
    assert (witness.breach.relation, witness.other and witness.other.fund) == (relation, 7 - fund)


@pytest.mark.parametrize("axiom", AXIOMS)
def test_nothing_is_asked_that_is_no_problem(axiom: str) -> None:
    """Funds lie between nothing and all claims, which are never below zero, nor all zero."""

    def strict(claims: list[int], fund: int) -> list[Fraction]:
        assert claims
        assert min(claims) >= 0
        assert 0 <= fund <= sum(claims) != 0
        return exactly("proportional")(claims, fund)

    for claims, fund in [*small_problems(((1, 2), (2, 3), (3, 2))), ([4, 9, 7], 0), ([4, 9, 7], 20)]:
        AXIOMS[axiom](strict, claims, fund)


def test_many_rows_are_shortened_and_long_amounts_are_not_masked() -> None:
    claims = [123_456_789_012_345] * 20
    witness = AXIOMS["balance"](fixed(*[0] * 20), claims, 10**15)
    assert witness is not None
    assert "123456789012345, … (20)]" in witness.text()
    assert f"should add up to {10**15}" in witness.text()


def test_a_float_counts_at_its_binary_value() -> None:
    def by_float(claims: list[int], fund: int) -> list[float]:
        return [claim * fund / sum(claims) for claim in claims]

    witness = AXIOMS["balance"](by_float, [1] * 10, 1)
    assert witness is not None
    assert witness.breach.award == 10 * Fraction(0.1)


def test_numpy_numbers_are_whole_numbers_and_input_is_the_callers() -> None:
    given = [2, 1]

    def sorting(claims: list[int], fund: int) -> Any:
        claims.sort()
        return np.array([fund, 0])

    assert AXIOMS["balance"](sorting, given, 1) is None
    assert given == [2, 1]


def test_as_many_awards_as_claims_or_an_error() -> None:
    with pytest.raises(AllocationError, match="1 awards for 2 claims"):
        AXIOMS["balance"](fixed(1), [1, 1], 1)


def test_equal_claims_may_swap() -> None:
    def last_first(claims: list[int], fund: int) -> list[int]:
        return LARGEST(claims[::-1], fund)[::-1]

    for axiom in ("anonymity", "consistency", "no_gain_by_merging"):
        assert AXIOMS[axiom](last_first, [1, 1, 1], 1) is None


def test_a_witness_can_be_pickled() -> None:
    witness = AXIOMS["balance"](floors, [1, 1], 1)
    assert pickle.loads(pickle.dumps(witness)) == witness  # noqa: S301


# --- the matrix -----------------------------------------------------------------------------------

# What must fail, with the smallest claims and fund on which it does.
FAILS = {
    ("roundings", "largest_remainder", "resource_monotonicity"): ((1, 3, 3), 3),
    ("roundings", "largest_remainder", "population_monotonicity"): ((1, 1, 3), 2),
    ("roundings", "jefferson", "upper_quota"): ((1, 1, 2), 2),
    ("roundings", "adams", "lower_quota"): ((1, 1, 4), 3),
    ("roundings", "webster", "upper_quota"): ((1, 1, 1, 3), 2),
    ("roundings", "webster", "lower_quota"): ((1, 1, 1, 6), 6),
    ("roundings", "huntington_hill", "lower_quota"): ((1, 1, 4), 3),
    ("roundings", "huntington_hill", "upper_quota"): ((2, 2, 2, 12), 12),
    ("roundings", "dean", "lower_quota"): ((1, 1, 4), 3),
    ("roundings", "dean", "upper_quota"): ((3, 3, 3, 27), 28),
    ("methods", "proportional", "claims_truncation_invariance"): ((1, 2), 1),
    ("methods", "constrained_equal_awards", "self_duality"): ((1, 2), 1),
    ("methods", "constrained_equal_awards", "no_gain_by_splitting"): ((1, 2), 1),
    ("methods", "constrained_equal_losses", "self_duality"): ((1, 2), 1),
    ("methods", "constrained_equal_losses", "no_gain_by_merging"): ((1, 1, 1), 1),
    ("methods", "talmud", "composition_down"): ((1, 2), 2),
    ("methods", "piniles", "self_duality"): ((1, 2), 1),
    ("methods", "adjusted_proportional", "population_monotonicity"): ((1, 1, 3, 3), 5),
    ("methods", "random_arrival", "consistency"): ((1, 2, 2), 2),
    ("methods", "minimal_overlap", "consistency"): ((1, 1, 2), 2),
    ("methods", "average_of_awards", "consistency"): ((1, 2, 2), 2),
    ("methods", "dominguez_thomson", "population_monotonicity"): ((0, 1, 2), 2),
}
# What no source that we know proves and no small problem breaks.
OPEN = {
    ("piniles", "no_gain_by_merging"),
    ("constrained_egalitarian", "no_gain_by_merging"),
    ("minimal_overlap", "population_monotonicity"),
    ("average_of_awards", "population_monotonicity"),
}
SELF_DUAL = {"proportional", "adjusted_proportional", "talmud", "reverse_talmud", "random_arrival",
             "average_of_awards"}  # fmt: skip


@pytest.fixture
def found() -> Matrix:
    return reckoned()


def rows(found: Matrix) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (kind, name, row) for kind in ("methods", "roundings") for name, row in getattr(found, kind).items()
    ]


@of_the_matrix
def test_the_matrix_has_every_method_and_rounding(found: Matrix) -> None:
    assert {*found.methods, *found.left_out} == set(METHODS)
    assert set(found.roundings) == set(ROUNDINGS)
    assert set(found.left_out) == {"flat_by_category", "tiered", "by_priority", "weighted"}
    assert all(set(row) == set(AXIOMS) - set(OF_UNITS) for row in found.methods.values())
    assert all(set(row) == set(AXIOMS) for row in found.roundings.values())


@of_the_matrix
def test_what_is_promised_holds_and_what_is_not_fails(found: Matrix) -> None:
    broken = [(name, axiom, cell.witness) for _, name, row in rows(found)
              for axiom, cell in row.items() if cell.promised and not cell.holds]  # fmt: skip
    assert broken == []
    seen = {(name, axiom) for _, name, row in rows(found)
            for axiom, cell in row.items() if cell.holds and not cell.promised}  # fmt: skip
    assert seen == OPEN


@of_the_matrix
@pytest.mark.parametrize(("kind", "name", "axiom"), FAILS)
def test_a_cell_that_must_fail_has_the_smallest_witness(
    found: Matrix, kind: str, name: str, axiom: str
) -> None:
    witness = getattr(found, kind)[name][axiom].witness
    assert (witness.claims, witness.fund) == FAILS[kind, name, axiom]
    assert witness.rerun(exactly(name) if kind == "methods" else in_units("proportional", name))


@of_the_matrix
def test_every_witness_of_the_matrix_breaks_again(found: Matrix) -> None:
    for kind, name, row in rows(found):
        ask = exactly(name) if kind == "methods" else in_units("proportional", name)
        assert all(cell.witness.rerun(ask) for cell in row.values() if cell.witness)


@of_the_matrix
@pytest.mark.parametrize(("premises", "conclusion"), IMPLICATIONS)
def test_axioms_that_imply_another_do(found: Matrix, premises: tuple[str, ...], conclusion: str) -> None:
    tried = [row for _, _, row in rows(found) if {*premises, conclusion} <= set(row)]
    assert tried
    assert all(row[conclusion].holds for row in tried if all(row[name].holds for name in premises))


@of_the_matrix
def test_who_is_self_dual(found: Matrix) -> None:
    assert {name for name, row in found.methods.items() if row["self_duality"].holds} == SELF_DUAL


def test_equal_awards_and_equal_losses_are_dual() -> None:
    awards, losses = exactly("constrained_equal_awards"), exactly("constrained_equal_losses")
    for claims, fund in small_problems(((2, 4), (3, 3))):
        left = awards(claims, sum(claims) - fund)
        assert losses(claims, fund) == [claim - award for claim, award in zip(claims, left, strict=True)]


def test_small_problems_are_all_there_and_upwards() -> None:
    problems = small_problems(((3, 2),))
    every = {tuple(sorted(claims)) for claims in product(range(3), repeat=3)} - {(0, 0, 0)}
    assert set(problems) == {(claims, fund) for claims in every for fund in range(sum(claims) + 1)}
    assert [sum(claims) for claims, _ in problems] == sorted(sum(claims) for claims, _ in problems)


@of_the_matrix
def test_the_table_says_what_the_cells_are(found: Matrix) -> None:
    table = found.table("roundings")
    assert table.loc["quota", "largest_remainder"] == "holds"
    assert table.loc["resource_monotonicity", "largest_remainder"] == "fails: 1, 3, 3 / 3"
    exact = found.table("methods", "zh")
    assert exact.loc["no_gain_by_merging", "piniles"] == "搜索中成立"
    assert list(exact) == list(found.methods)


# --- promises -------------------------------------------------------------------------------------


def test_promises_name_every_method_and_rounding_and_only_axioms() -> None:
    assert set(PROMISES["methods"]) == set(METHODS)
    assert set(PROMISES["roundings"]) == set(ROUNDINGS)
    for kind in PROMISES.values():
        for promise in kind.values():
            assert promise.axioms <= {*AXIOMS, *OF_PLANS}
            assert promise.source
    assert all(not promise.axioms & set(OF_UNITS) for promise in PROMISES["methods"].values())


@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_any_method_with_any_rounding_keeps_what_it_promises(rounding: str) -> None:
    problems = small_problems(((2, 3), (3, 2)))
    for method in METHODS:
        if PROMISES["methods"][method].left_out:
            continue
        asked = Asked(in_units(method, rounding))
        for axiom in kept_together(method, rounding) - set(CHECKS):
            assert all(AXIOMS[axiom](asked, *given) is None for given in problems), (method, axiom)


@pytest.mark.parametrize("method", [name for name in METHODS if not PROMISES["methods"][name].left_out])
@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_a_plan_keeps_its_promises(method: str, rounding: str) -> None:
    for claims, fund in (([5, 3, 3, 2, 9], 11), ([7, 7, 1], 4)):
        report = check(allocate(claims, fund, method, rounding))
        assert report.holds, report.text()


@pytest.mark.parametrize(
    ("axiom", "awards", "fund", "breach"),
    [
        ("balance", (1, 2, 3, 4), 11, (None, 10, "exactly", 11)),
        ("claims_bounded", (11, 0, 0, 0), 11, (0, 11, "at_most", 10)),
        ("non_negativity", (-1, 2, 0, 0), 1, (0, -1, "at_least", 0)),
        ("lower_quota", (0, 2, 2, 6), 10, (0, 0, "at_least", 1)),
        ("upper_quota", (1, 2, 2, 7), 10, (3, 7, "at_most", 5)),
        ("quota", (0, 2, 2, 6), 10, (0, 0, "at_least", 1)),
        ("quota", (1, 2, 2, 7), 10, (3, 7, "at_most", 5)),
        ("remainder_order", (2, 2, 3, 7), 14, (1, 2, "at_least", 3)),
        ("equal_treatment", (1, 1, 3, 5), 10, (1, 1, "exactly", 3)),
        ("equal_treatment_within_unit", (1, 1, 3, 5), 10, (1, 1, "at_least", 2)),
        ("order_preservation_of_awards", (5, 2, 2, 1), 10, (1, 2, "at_least", 5)),
        ("order_preservation_of_losses", (0, 0, 0, 50), 50, (3, 50, "at_most", 30)),
    ],
)
def test_a_witness_says_what_is_wrong_with_which_award(
    axiom: str, awards: tuple[int, ...], fund: int, breach: tuple[Any, ...]
) -> None:
    witness = AXIOMS[axiom](fixed(*awards), [10, 20, 20, 50], fund)
    assert witness is not None
    assert witness.breach[:4] == breach


# --- plans ----------------------------------------------------------------------------------------


def with_awards(plan: Allocation, **changed: int) -> Allocation:
    """Return the plan with some awards as somebody else wrote them."""
    awards = plan.awards_fen.copy()
    for label, award in changed.items():
        awards[label] = award
    object.__setattr__(plan, "awards_fen", awards)
    return plan


def simple(**options: Any) -> Allocation:
    return allocate({"a": 100, "b": 100, "c": 200}, 201, **options)


# Awards were 50, 50, 101; what is changed, and what is broken then.
TAMPERED = [
    ({"c": 99}, {"balance", "quota", "lower_quota"}),
    ({"a": -50, "c": 201},
     {"non_negativity", "claims_bounded", "bounds_respected", "quota", "lower_quota", "upper_quota",
      "equal_treatment_within_unit", "order_preservation", "order_preservation_of_losses"}),
    ({"a": 51, "c": 100}, {"remainder_order"}),
    ({"a": 52, "c": 99},
     {"equal_treatment_within_unit", "quota", "lower_quota", "upper_quota", "remainder_order"}),
    ({"a": 100, "b": 100, "c": 1},
     {"order_preservation", "order_preservation_of_awards", "quota", "lower_quota", "upper_quota",
      "remainder_order"}),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "broken"), TAMPERED)
def test_a_changed_award_breaks_what_it_must(changed: dict[str, int], broken: set[str]) -> None:
    report = check(with_awards(simple(), **changed))
    assert broken <= set(report.broken), report
    assert not report.holds
    for axiom in report.broken:
        witness = report.broken[axiom]
        assert axiom in report.text("zh")
        assert witness.rerun(fixed(*witness.awards))
        assert not witness.rerun(lambda claims, fund: allocate(claims, fund).awards_fen.tolist())
        assert (witness.axiom, witness.claims, witness.fund) == (axiom, (100, 100, 200), 201)
        # Of a quota broken both ways, columns tell the lower end first and rows the first row.
        if axiom in AXIOMS and axiom != "quota":
            alone = AXIOMS[axiom](fixed(*witness.awards), witness.claims, witness.fund)
            assert alone is not None
            assert alone.breach == witness.breach


def test_each_check_of_columns_convicts_somebody() -> None:
    broken = {axiom for changed, _ in TAMPERED for axiom in check(with_awards(simple(), **changed)).broken}
    plan = allocate({"a": 1000, "b": 2000}, 1500, unit_fen=100)
    assert check(plan).holds
    in_fen = check(with_awards(plan, a=501, b=999)).broken
    assert in_fen["unit_exactness"].breach[:4] == (0, 501, "exactly", 500)
    bounds = [check(with_awards(simple(), **changed)).broken["bounds_respected"].breach[:4]
              for changed in ({"a": -1, "c": 152}, {"a": 0, "c": 201})]  # fmt: skip
    assert bounds == [(0, -1, "at_least", 0), (2, 201, "at_most", 200)]
    assert broken | {"unit_exactness"} == set(CHECKS)


def test_the_report_is_a_table_too() -> None:
    report = check(with_awards(simple(), c=99))
    assert list(report.table.columns) == ["status", "witness", "source"]
    assert report.table.loc["balance", "status"] == "broken"
    assert "add up to 199" in report.table.loc["balance", "witness"]
    assert report.table.loc["homogeneity", "status"] == "not_promised"
    assert report.table.loc["remainder_order", "source"].startswith("Balinski")
    assert "不满足 balance" in report.text("zh")
    assert report.text().splitlines()[-1].startswith("Holds: claims_bounded, ")
    assert report.verdicts["quota"].witness == report.broken["quota"]


def test_bounds_are_held_and_only_what_bounds_leave_is_promised() -> None:
    plan = simple(floors_fen={"a": 90}, caps_fen={"c": 60})
    report = check(plan)
    assert report.holds
    assert report.verdicts["quota"].status == "holds"
    for axiom in ("equal_treatment_within_unit", "order_preservation", "claim_monotonicity", "anonymity"):
        assert report.verdicts[axiom].status == "not_promised"
    a, b, c = plan.awards_fen
    low = check(with_awards(plan, a=89, b=b + a - 89)).broken
    assert (low["bounds_respected"].breach.row, low["bounds_respected"].breach.wanted) == (0, 90)
    high = check(with_awards(plan, a=a, b=b - (61 - c), c=61)).broken
    assert (high["bounds_respected"].breach.row, high["bounds_respected"].breach.wanted) == (2, 60)


def test_groups_are_divided_each_for_itself() -> None:
    plan = allocate([10, 10, 30], 24, groups=["x", "y", "y"], group_funds_fen={"x": 4, "y": 20})
    assert check(plan).holds
    awards = plan.awards_fen.copy()
    awards.iloc[0], awards.iloc[2] = awards.iloc[0] + 1, awards.iloc[2] - 1
    object.__setattr__(plan, "awards_fen", awards)
    broken = check(plan).broken
    assert broken["balance"].breach.award == 5
    assert broken["lower_quota"].breach.row == 2


def test_awards_above_claims_are_no_breach_where_they_were_asked_for() -> None:
    report = check(allocate([1, 2], 9, "equal", allow_above_claim=True))
    assert report.holds
    assert report.verdicts["claims_bounded"].status == "not_promised"


@pytest.mark.parametrize(
    ("method", "terms"),
    [
        ("weighted", {"weights": [1, 2, 3]}),
        ("by_priority", {"categories": ["x", "y", "x"], "order": ["y", "x"]}),
        ("tiered", {"brackets": [{"from_fen": 0, "share": "1/2"}], "surplus": "return"}),
        ("flat_by_category", {"categories": ["x", "y", "x"], "amounts_fen": {"x": 1, "y": 2},
                              "surplus": "return"}),
    ],
)  # fmt: skip
def test_methods_with_terms_promise_what_any_method_does(method: str, terms: dict[str, Any]) -> None:
    report = check(allocate([4, 5, 6], 8, method, **terms))
    assert report.holds
    assert report.verdicts["balance"].status == "holds"
    assert report.verdicts["order_preservation"].status == "not_promised"


def test_a_unit_that_divides_every_claim_changes_nothing() -> None:
    plain = check(allocate([1000, 3000, 3000], 3000, unit_fen=1000)).table["status"]
    assert plain.equals(check(allocate([1, 3, 3], 3)).table["status"])
    odd = check(allocate([1001, 3000, 3000], 3000, unit_fen=1000))
    assert odd.holds
    assert odd.verdicts["claim_monotonicity"].status == "not_promised"


def test_quotas_of_another_method_are_its_own() -> None:
    plan = allocate([100, 200, 300], 200, "talmud")
    report = check(plan)
    assert plan.awards_fen.tolist() == [50, 75, 75]
    assert report.verdicts["quota"].status == "holds"
    assert AXIOMS["quota"](
        lambda claims, fund: allocate(claims, fund, "talmud").awards_fen, [100, 200, 300], 200
    )


def test_a_large_plan_is_asked_a_handful_of_times(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def counted(*args: Any, **options: Any) -> Any:
        calls.append(args)
        return allocate(*args, **options)

    monkeypatch.setattr("relief.fairness.checking.allocate", counted)
    claims = np.arange(1, 20_001) * 7
    assert check(allocate(claims, int(claims.sum()) // 3)).holds
    assert 0 < len(calls) < 40


# --- what cannot be -------------------------------------------------------------------------------


def test_equal_treatment_and_one_fen_cannot_be() -> None:
    found = impossible("proportional", "largest_remainder")[0]
    assert (found.axioms, found.claims, found.fund) == (("equal_treatment",), (1, 1), 1)
    assert "[1, 1] / 1" in found.text("zh")
    assert "Given up here: equal_treatment" in found.text()


def test_a_rounding_gives_up_what_it_must() -> None:
    """Largest remainders give up monotonicity for quota, divisor methods the other way round."""
    both = ("quota", "order_preservation_of_awards", "ratio_monotonicity")
    by_rounding = {
        rounding: {found.axioms: found.given_up for found in impossible("proportional", rounding)}
        for rounding in ("largest_remainder", "webster")
    }
    assert by_rounding["largest_remainder"][both] == ("ratio_monotonicity",)
    assert by_rounding["webster"][both][0] == "quota"


@pytest.mark.parametrize("method", METHODS)
def test_whatever_cannot_be_is_given_up_at_least_in_part(method: str) -> None:
    for rounding in ROUNDINGS:
        assert all(found.given_up for found in impossible(method, rounding))


@pytest.mark.parametrize(
    ("axioms", "claims", "fund", "tried"),
    [
        (("self_duality",), (1, 1), 1, 1),
        (("homogeneity", "quota"), (1, 1), 1, 3),
        (("quota", "remainder_order", "resource_monotonicity"), (1, 3, 3), 3, 11),
        (("quota", "remainder_order", "population_monotonicity"), (1, 2, 3, 3), 4, 21),
        (("quota", "remainder_order", "consistency"), (1, 1, 1, 3), 3, 13),
        (("no_gain_by_merging", "order_preservation_of_awards"), (2, 2, 3), 1, 4),
        (("quota", "order_preservation_of_awards", "ratio_monotonicity"), (155, 21, 21, 20), 7, 120**2),
    ],
)
def test_what_cannot_be_together_and_where(
    axioms: tuple[str, ...], claims: tuple[int, ...], fund: int, tried: int
) -> None:
    found = together(axioms)
    assert found is not None
    assert (found.claims, found.fund, found.problems[0]) == (claims, fund, (claims, fund))
    assert found.tried == tried


@pytest.mark.parametrize(
    "axioms",
    [("quota", "resource_monotonicity"), ("equal_treatment_within_unit", "self_duality_within_unit"),
     ("lower_quota", "resource_monotonicity", "population_monotonicity", "consistency"),
     ("quota", "remainder_order", "order_preservation", "claim_monotonicity"),
     ("order_preservation_of_losses", "ratio_monotonicity")],
)  # fmt: skip
def test_what_some_rounding_keeps_is_not_called_impossible(axioms: tuple[str, ...]) -> None:
    assert together(axioms, ((2, 3), (3, 3))) is None


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(MethodError, match="talmud"):
        impossible("talmut", "webster")
    with pytest.raises(MethodError, match="webster"):
        impossible("talmud", "webstr")


# --- what is said, to the letter --------------------------------------------------------------------


def test_what_the_exact_division_keeps_is_hoped_for_in_units_as_well() -> None:
    hoped = rare._hoped("proportional")
    assert {"quota", "remainder_order", "ratio_monotonicity", "self_duality_within_unit"} <= hoped
    assert "equal_treatment_within_unit" in hoped
    losses = rare._hoped("constrained_equal_losses")
    assert "self_duality_within_unit" not in losses
    assert "equal_treatment_within_unit" in losses
    assert not {"quota", "ratio_monotonicity"} & losses


def test_a_shift_is_a_unit_lost_to_a_claim_that_did_not_grow_against_it() -> None:
    (first, _), (second, _) = rare._TWO
    seen = set()
    for one, two in permutations(range(len(first)), 2):
        for lost, won in ((1, 1), (1, 0), (0, 1), (0, 0), (-1, -1)):
            before, after = [5] * len(first), [5] * len(first)
            after[one] -= lost
            after[two] += won
            is_shift = lost == won == 1 and Fraction(second[one], first[one]) >= Fraction(
                second[two], first[two]
            )
            back = lost == won == -1 and Fraction(second[two], first[two]) >= Fraction(
                second[one], first[one]
            )
            assert rare._shifts(tuple(before), tuple(after)) == (is_shift or back)
            seen.add(is_shift)
    assert seen == {True, False}


def test_a_method_and_a_rounding_keep_together_what_both_promise() -> None:
    kept = kept_together("talmud", "largest_remainder")
    assert {"unit_exactness", "bounds_respected", "quota", "self_duality_within_unit"} <= kept
    assert {"equal_treatment_within_unit", "order_preservation_of_awards"} <= kept
    assert "self_duality_within_unit" not in kept_together("talmud", "webster")
    assert "self_duality_within_unit" not in kept_together("constrained_equal_awards", "largest_remainder")
    assert "unit_exactness" in kept_together("talmud", "webster")
    assert "consistency" in kept_together("proportional", "webster")


@pytest.mark.parametrize("claims", [(3, 1, 2), (5, 1, 4, 2, 3, 9, 7)])
def test_orders_are_all_or_a_few_that_differ(claims: tuple[int, ...]) -> None:
    orders = list(people._orders(claims))
    rows = tuple(range(len(claims)))
    assert all(tuple(sorted(order)) == rows for order in orders)
    if len(claims) > people._ALL_ORDERS:
        upwards = tuple(sorted(rows, key=claims.__getitem__))
        assert orders == [rows[::-1], (*rows[1:], 0), (1, 0, *rows[2:]), upwards]
    else:
        assert len(orders) == 6


def test_an_axiom_tells_the_row_as_people_count() -> None:
    witness = AXIOMS["claims_bounded"](lambda *_: (0, 0, 9), (1, 2, 8), 9)
    assert witness is not None
    assert witness.breach.row == 2
    assert "3" in witness.wrong("en")
    assert AXIOMS["claims_bounded"](lambda claims, _: tuple(claims), (1, 2, 3), 6) is None


def test_a_name_that_is_no_method_is_met_with_the_nearest() -> None:
    with pytest.raises(MethodError) as caught:
        impossible("talmudd", "webster")
    assert (caught.value.facts["near"], caught.value.code) == ("talmud", "allocation.method_unknown")
    with pytest.raises(MethodError) as caught:
        impossible("talmud", "webser")
    assert (caught.value.facts["near"], caught.value.code) == ("webster", "allocation.rounding_unknown")


def test_three_times_the_problem_is_asked_as_well_as_twice() -> None:
    def wrong_at(times: int) -> Any:
        return AXIOMS["homogeneity"](
            lambda claims, _: (0, sum(claims)) if sum(claims) == 4 * times else tuple(claims), (1, 3), 4
        )

    assert wrong_at(5) is None
    assert wrong_at(2) is not None
    assert wrong_at(3) is not None


def test_the_most_that_two_can_have_is_by_the_best_of_equal_claims() -> None:
    assert people._best((2, 2, 3), (1, 2, 9), 0, 2) == 11
    assert people._best((2, 2, 3), (2, 1, 9), 1, 2) == 11
    assert people._best((2, 2, 2), (1, 2, 9), 0, 1) == 11


def test_consistency_asks_of_all_but_one_and_of_pairs_where_there_are_many() -> None:
    asked: list[tuple[int, ...]] = []

    def keep(claims: Any, _: Any) -> tuple[int, ...]:
        asked.append(tuple(claims))
        return tuple(claims)

    many = (3, 1, 2, 5, 4, 6, 7)
    assert AXIOMS["consistency"](keep, many, sum(many)) is None
    assert {len(claims) for claims in asked} == {7, 6, 2}
    asked.clear()
    assert AXIOMS["consistency"](keep, (0, 2, 3), 5) is None
    assert {(0, 2), (0, 3), (2, 3)} <= set(asked)
    asked.clear()
    assert AXIOMS["consistency"](lambda *_: (9, 9, 0), (1, 1, 3), 18) is None
