"""The conformance suite convicts what is known to be wrong by small witnesses, and clears what is exact."""

from __future__ import annotations

import json
import math
import shlex
import sys
from fractions import Fraction
from itertools import count, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from apportionment.methods import compute
from iteround import saferound
from tests.patience import soon
from typer.testing import CliRunner

import relief
from relief.cli.command import app
from relief.errors import MethodError
from relief.testing import DEFAULT, PROMISES, AllocatorTests, conformance, program
from relief.testing.shrinking import shrunk
from relief.testing.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from relief.testing import Report

    Allocate = Callable[[list[int], int], Any]

MOST_CLAIMS = 9
FEW = 600


def floors(claims: list[int], fund: int) -> list[int]:
    return [claim * fund // sum(claims) for claim in claims]


def exact(claims: list[int], fund: int) -> list[int]:
    """Divide by largest remainders in fractions, the larger claim first: no code of relief in it."""
    shares = [Fraction(claim * fund, sum(claims)) for claim in claims]
    awards = [math.floor(share) for share in shares]
    order = sorted(range(len(claims)), key=lambda row: (awards[row] - shares[row], -claims[row], row))
    for row in order[: fund - sum(awards)]:
        awards[row] += 1
    return awards


def of_relief(claims: list[int], fund: int) -> list[int]:
    return relief.allocate(claims, fund).awards_fen.tolist()


def as_numpy(claims: list[int], fund: int) -> Any:
    return relief.allocate(claims, fund).awards_fen.to_numpy()


# --- what is wrong ----------------------------------------------------------------------------------


def each_rounded_on_its_own(claims: list[int], fund: int) -> list[int]:
    return [round(Fraction(claim * fund, sum(claims))) for claim in claims]


def last_takes_the_rest(claims: list[int], fund: int) -> list[int]:
    awards = [round(Fraction(claim * fund, sum(claims))) for claim in claims[:-1]]
    return [*awards, fund - sum(awards)]


def leftovers_to_the_first_rows(claims: list[int], fund: int) -> list[int]:
    awards = floors(claims, fund)
    left = fund - sum(awards)
    return [award + (row < left) for row, award in enumerate(awards)]


def leftovers_to_the_largest_claims(claims: list[int], fund: int) -> list[int]:
    awards = floors(claims, fund)
    for row in sorted(range(len(claims)), key=lambda row: -claims[row])[: fund - sum(awards)]:
        awards[row] += 1
    return awards


def float_remainders(claims: list[int], fund: int) -> list[int]:
    awards = floors(claims, fund)
    left = [claim * fund / sum(claims) % 1 for claim in claims]
    for row in sorted(range(len(claims)), key=lambda row: (-left[row], -claims[row]))[: fund - sum(awards)]:
        awards[row] += 1
    return awards


def loses_a_fen_for_seven(claims: list[int], fund: int) -> list[int]:
    awards = exact(claims, fund)
    if len(claims) == 7 and fund:
        awards[awards.index(max(awards))] -= 1
    return awards


def sorts_its_input(claims: list[int], fund: int) -> list[int]:
    awards = exact(claims, fund)
    claims.sort()
    return awards


def sorts_its_input_first(claims: list[int], fund: int) -> list[int]:
    claims.sort()
    return exact(claims, fund)


def other_each_time(claims: list[int], fund: int, turns: Any = count()) -> list[int]:  # noqa: B008
    awards = floors(claims, fund)
    awards[next(turns) % len(awards)] += fund - sum(awards)
    return awards


def in_floats(claims: list[int], fund: int) -> list[float]:
    return [float(award) for award in exact(claims, fund)]


def truth_values(claims: list[int], fund: int) -> list[Any]:
    return [bool(award) if award < 2 else award for award in exact(claims, fund)]


def one_too_few(claims: list[int], fund: int) -> list[int]:
    return exact(claims, fund)[1:]


def nothing(claims: list[int], fund: int) -> None:
    return None


def not_a_number(claims: list[int], fund: int) -> list[float]:
    return [math.nan] * len(claims)


def no_fund_of_zero(claims: list[int], fund: int) -> list[int]:
    return [claim * fund // (sum(claims) // (sum(claims) // fund)) for claim in claims]


def never_ends(claims: list[int], fund: int) -> list[int]:
    while max(claims) > 10**9:
        pass
    return exact(claims, fund)


CONVICTED: list[tuple[Allocate, str]] = [
    (each_rounded_on_its_own, "balance"),
    (last_takes_the_rest, "anonymity"),
    (leftovers_to_the_first_rows, "remainder_order"),
    (leftovers_to_the_largest_claims, "remainder_order"),
    (float_remainders, "remainder_order"),
    (loses_a_fen_for_seven, "balance"),
    (sorts_its_input, "input_kept"),
    (sorts_its_input_first, "anonymity"),
    (other_each_time, "same_answer_twice"),
    (in_floats, "whole_numbers"),
    (truth_values, "whole_numbers"),
    (one_too_few, "one_award_each"),
    (nothing, "one_award_each"),
    (not_a_number, "one_award_each"),
    (no_fund_of_zero, "answers"),
]


@pytest.mark.parametrize(("allocate", "promise"), CONVICTED, ids=lambda each: getattr(each, "__name__", each))
def test_it_convicts(allocate: Allocate, promise: str) -> None:
    with soon():
        report = conformance(allocate, max_examples=FEW)
    assert promise in report.broken
    assert not report.holds
    assert all(len(witness.claims) <= MOST_CLAIMS for witness in report.broken.values())
    with pytest.raises(AssertionError, match=promise):
        report.assert_ok()


@pytest.mark.parametrize("allocate", [of_relief, as_numpy, exact])
def test_it_clears_the_exact(allocate: Allocate) -> None:
    report = conformance(allocate, promises=PROMISES, max_examples=FEW)
    assert report.holds, report
    assert report.promises == tuple(PROMISES)
    assert report.tried == FEW
    report.assert_ok()


@pytest.mark.parametrize(
    ("promise", "claims", "fund", "wrong", "right"),
    [
        ("balance", (1, 2), 2, [1, 2], [1, 1]),
        ("non_negativity", (1, 2), 2, [-1, 3], [0, 2]),
        ("claims_bounded", (1, 2), 3, [2, 1], [1, 2]),
        ("quota", (4, 4), 4, [1, 3], [2, 2]),
        ("equal_treatment_within_unit", (4, 4), 4, [1, 3], [3, 2]),
        ("order_preservation", (4, 5), 4, [3, 1], [2, 2]),  # awards
        ("order_preservation", (4, 5), 4, [0, 4], [2, 2]),  # losses
        ("order_preservation", (5, 4, 4), 6, [2, 1, 3], [2, 2, 2]),
        ("remainder_order", (1, 2), 2, [0, 2], [1, 1]),
        ("larger_claim_first", (1, 3), 2, [1, 1], [0, 2]),
    ],
)
def test_a_promise_is_broken_by_one_answer_and_kept_by_another(
    promise: str, claims: tuple[int, ...], fund: int, wrong: list[int], right: list[int]
) -> None:
    assert PROMISES[promise](Subject(lambda *_: wrong), claims, fund) is not None
    assert PROMISES[promise](Subject(lambda *_: right), claims, fund) is None


def test_a_witness_is_the_smallest_and_comes_again() -> None:
    witness = conformance(each_rounded_on_its_own, max_examples=FEW).broken["balance"]
    assert (witness.claims, witness.fund, witness.awards) == ([1, 1], 1, [0, 0])
    for allocate in (leftovers_to_the_first_rows, float_remainders, loses_a_fen_for_seven):
        report = conformance(allocate, max_examples=FEW)
        for name, found in report.broken.items():
            assert allocate(list(found.claims), found.fund) == found.awards
            assert PROMISES[name](Subject(allocate), tuple(found.claims), found.fund) is not None


def test_the_seven_are_convicted_by_seven() -> None:
    witness = conformance(loses_a_fen_for_seven, max_examples=FEW).broken["balance"]
    assert len(witness.claims) == 7
    assert sum(witness.awards) == witness.fund - 1


def test_same_seed_same_report() -> None:
    first, second = (conformance(float_remainders, max_examples=FEW, seed=3) for _ in range(2))
    assert repr(first) == repr(second)
    assert first == second


def test_what_never_ends_is_stopped_and_told() -> None:
    report = conformance(never_ends, max_examples=150, timeout_seconds=0.1)
    assert list(report.broken) == ["answers"]
    assert "did not come to an end" in repr(report)
    assert conformance(never_ends, max_examples=150, max_fen=10**9).holds


def test_no_problem_has_a_larger_claim_than_wanted() -> None:
    largest: list[int] = []

    def watched(claims: list[int], fund: int) -> list[int]:
        assert 0 <= fund <= sum(claims)
        assert sum(claims) > 0
        largest.append(max(claims))
        return exact(claims, fund)

    assert conformance(watched, max_examples=FEW, max_fen=20).holds
    assert max(largest) == 20


def test_problems_reach_beyond_what_machines_hold() -> None:
    seen: list[tuple[int, int]] = []

    def watched(claims: list[int], fund: int) -> list[int]:
        seen.append((len(claims), sum(claims)))
        return exact(claims, fund)

    conformance(watched, max_examples=1200)
    assert {rows for rows, _ in seen} >= set(range(1, 41))
    assert any(2**53 < total < 2**63 for _, total in seen)
    assert any(total > 2**64 for _, total in seen)


def test_breaking_ties_by_the_smaller_claim_breaks_only_the_promise_of_relief() -> None:
    def smaller_first(claims: list[int], fund: int) -> list[int]:
        awards = floors(claims, fund)
        left = [claim * fund % sum(claims) for claim in claims]
        order = sorted(range(len(claims)), key=lambda row: (-left[row], claims[row]))
        for row in order[: fund - sum(awards)]:
            awards[row] += 1
        return awards

    assert list(conformance(smaller_first, promises=PROMISES, max_examples=FEW).broken) == [
        "larger_claim_first"
    ]


def test_an_axiom_of_fairness_is_a_promise_too() -> None:
    report = conformance(of_relief, promises=["resource_monotonicity"], max_examples=FEW)
    witness = report.broken["resource_monotonicity"]
    assert len(witness.claims) <= MOST_CLAIMS
    around = [of_relief(witness.claims, fund) for fund in range(sum(witness.claims) + 1)]
    assert any(after[row] < before[row] for before, after in pairwise(around) for row in range(len(before)))
    assert "resource_monotonicity" in witness.text("zh")
    assert conformance(exact, promises=["self_duality_within_unit", "lower_quota"], max_examples=FEW).holds
    assert conformance(nothing, promises=["lower_quota", "answers"], max_examples=30).holds


def test_a_report_says_the_same_in_both_languages() -> None:
    report = conformance(leftovers_to_the_first_rows, max_examples=300)
    english, chinese = report.text("en").splitlines(), report.text("zh").splitlines()
    assert repr(report) == report.text("en")
    assert len(english) == len(chinese) == 1 + len(report.broken)
    assert all(f"（{name}）" in line for name, line in zip(report.broken, chinese[1:], strict=True))


def test_no_amount_of_a_witness_is_masked() -> None:
    report = conformance(float_remainders, promises=["remainder_order"], max_examples=FEW)
    assert "*" not in repr(report)
    assert str(report.broken["remainder_order"].fund) in report.text("zh")


@pytest.mark.parametrize(
    "wrong",
    [
        {"promises": ["balanse"]},
        {"promises": []},
        {"max_examples": 0},
        {"max_fen": 0},
        {"max_examples": True},
    ],
)
def test_a_wrong_call_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(MethodError):
        conformance(exact, **wrong)


def test_shrinking_goes_to_the_smallest() -> None:
    found = shrunk(((700, 0, 41, 9), 50), lambda problem: len(problem[0]) > 1 and problem[1] > 2, tries=500)
    assert found == ((0, 3), 3)
    assert shrunk(((1, 2), 2), lambda _: True, tries=500) == ((1,), 0)


# --- as a class of tests ----------------------------------------------------------------------------


class TestOfRelief(AllocatorTests):
    """Relief's own division, a test for each promise."""

    allocate = staticmethod(of_relief)
    promises = tuple(PROMISES)
    max_examples = 300


class TheirTests(AllocatorTests):
    """An allocator that breaks one promise; pytest collects no class of this name."""

    allocate = staticmethod(each_rounded_on_its_own)
    max_examples = 300


def test_a_class_fails_the_promise_that_breaks_and_no_other() -> None:
    tests = TheirTests()
    for promise in DEFAULT:
        if promise == "balance":
            with pytest.raises(AssertionError, match=r"claims \[1, 1\], fund 1"):
                tests.test_promise(promise)
        else:
            tests.test_promise(promise)


# --- programs and the command line ------------------------------------------------------------------

READS = "import sys; lines = sys.stdin.read().split(); claims = [int(line) for line in lines[1:]]; "
GOOD = (
    READS
    + """assert lines[0] == "claim_fen"; fund = int(sys.argv[1]); total = sum(claims)
awards = [claim * fund // total for claim in claims]
order = sorted(range(len(claims)), key=lambda row: (-(claims[row] * fund % total), -claims[row]))
for row in order[:fund - sum(awards)]: awards[row] += 1
print("award_fen", *awards, sep="\\r\\n")"""
)


def written(code: str, folder: Path) -> str:
    (folder / "allocator.py").write_text(code, encoding="utf-8")
    return shlex.join([sys.executable, str(folder / "allocator.py")])


def called(*words: str) -> tuple[int, Report | dict[str, Any] | str]:
    result = CliRunner().invoke(app, ["conformance", *words], standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return int(result.return_value), json.loads(result.output) if "--json" in words else result.output


def test_a_program_that_is_right_is_cleared(tmp_path: Path) -> None:
    status, report = called("--command", written(GOOD, tmp_path), "--max-examples", "30", "--json")
    assert (status, report["holds"], report["tried"]) == (0, True, 30)


@pytest.mark.parametrize(
    ("code", "promise", "told"),
    [
        (READS + "print(*[0 for claim in claims], sep='\\n')", "balance", "合计 0"),
        (READS + "print(*[0.5 for claim in claims], sep='\\n')", "whole_numbers", "float"),
        (READS + "sys.exit('表格打不开')", "answers", "表格打不开"),
        (READS + "print('oops')", "answers", "oops"),
        ("import time; time.sleep(9)", "answers", "超过 0.3 秒"),
    ],
)
def test_a_program_that_is_wrong_is_convicted(code: str, promise: str, told: str, tmp_path: Path) -> None:
    timeout = "0.3" if "sleep" in code else "10"
    status, report = called(
        "--command", written(code, tmp_path), "--promise", promise, "--max-examples", "6", "--json",
        "--timeout", timeout,
    )  # fmt: skip
    assert status == 1
    assert told in report["broken"][promise]["text"]


def test_the_fund_may_stand_where_the_command_says() -> None:
    code = "import sys; print(sys.argv[1:])"
    command = shlex.join([sys.executable, "-c", code, "--fund={fund}"])
    with pytest.raises(relief.ReliefError, match="--fund=5"):
        program(command)([5], 5)


def test_a_function_is_found_from_this_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "their_splitting.py").write_text("def zeros(claims, fund):\n    return [0] * len(claims)\n")
    monkeypatch.chdir(tmp_path)
    status, text = called(
        "their_splitting:zeros", "--promise", "balance", "--promise", "quota", "--max-examples", "9"
    )
    assert status == 1
    assert "balance" in text
    assert called("their_splitting:zeros", "--promise", "non_negativity", "--max-examples", "9")[0] == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], "conformance.which"),
        (["json:loads", "--command", "true"], "conformance.which"),
        (["json"], "conformance.no_function"),
        (["json:__doc__"], "conformance.no_function"),
        (["no_such_module_here:f"], "conformance.no_import"),
        (["json:nope"], "conformance.no_import"),
        (["--command", "./no-such-program"], "conformance.no_program"),
        (["--command", "'open"], "conformance.quotes"),
        (["json:loads", "--promise", "balanse"], "conformance.unknown_promise"),
    ],
)
def test_a_wrong_call_of_the_command_is_told(words: list[str], code: str) -> None:
    with pytest.raises(MethodError) as error:
        called(*words)
    assert error.value.code == code


# --- other people's libraries; what is found stands in docs/testing.md --------------------------------


def iteround(claims: list[int], fund: int) -> list[int]:
    return [int(award) for award in saferound([claim * fund / sum(claims) for claim in claims], 0)]


def apportionment(claims: list[int], fund: int) -> list[int]:
    return compute("largest_remainder", claims, fund)


def apportionment_in_fractions(claims: list[int], fund: int) -> list[int]:
    return compute("largest_remainder", claims, fund, fractions=True)


@pytest.mark.parametrize(
    ("allocate", "broken"),
    [
        (iteround, {"anonymity"}),
        (apportionment, {"anonymity"}),
        (apportionment_in_fractions, {"anonymity", "answers"}),
    ],
)
def test_a_library_is_told_its_faults_among_amounts_of_every_day(
    allocate: Allocate, broken: set[str]
) -> None:
    report = conformance(allocate, max_examples=2000, max_fen=10**7)
    assert broken <= set(report.broken)
    assert all(len(witness.claims) <= MOST_CLAIMS for witness in report.broken.values())


def test_the_awards_of_libraries_go_wrong_where_amounts_are_large() -> None:
    found = conformance(iteround, max_examples=FEW, timeout_seconds=0.5).broken
    assert "did not come to an end" in found["answers"].text()
    found = conformance(apportionment).broken
    assert {"balance", "claims_bounded", "answers"} <= set(found)


def test_numpy_numbers_are_numbers() -> None:
    subject = Subject(lambda _, fund: np.array([fund, 0]))
    assert subject((1, 1), 1).awards == (1, 0)
    assert PROMISES["whole_numbers"](subject, (1, 1), 1) is None
    assert PROMISES["whole_numbers"](Subject(lambda *_: np.array([True])), (1,), 1) is not None
