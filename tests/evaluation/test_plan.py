"""The file of a self-evaluation: what it may say, and where it is told otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.evaluation.plans import SEED, indicator, plan, scored

from relief.errors import EvaluationError, ReliefError
from relief.evaluation import evaluate, parse_plan, read_plan

if TYPE_CHECKING:
    from pathlib import Path


def changed(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """Return the scored content with one part of it changed, or without it."""
    content = part = scored()
    for step in path[:-1]:
        part = part[step]  # type: ignore[index]
    if value is None:
        del part[path[-1]]  # type: ignore[arg-type]
    else:
        part[path[-1]] = value  # type: ignore[index]
    return content


WRONG = [
    (("年度",), "21", "evaluation.year"),
    (("填报日期",), "2022-02-30", "evaluation.day"),
    (("资金", "各项", 0, "年初预算数"), "30.0000001万", "evaluation.invalid"),
    (("资金", "各项", 0, "年初预算数"), "-1", "evaluation.invalid"),
    (("资金", "各项", 0, "年初预算数"), "1" + "0" * 14, "evaluation.invalid"),
    (("资金", "分值"), "NaN", "evaluation.invalid"),
    (("资金", "各项", 1, "名称"), "帮扶", "evaluation.name_twice"),
    (("资金", "分值"), "11", "evaluation.weights"),
    (("资金", "分值"), "-10", "evaluation.negative_weight"),
    (("资金", "得分"), "10.01", "evaluation.above_weight"),
    (("资金", "得分"), "满分", "evaluation.score"),
    (("绩效指标", 0, "分值"), None, "evaluation.no_weight"),
    (("绩效指标", 3, "得分"), "30.5", "evaluation.above_weight"),
    (("绩效指标", 3, "得分"), "28.123", "evaluation.score"),
    (("绩效指标", 3, "得份"), "1", "evaluation.invalid"),
    (("绩效指标",), [], "evaluation.invalid"),
    (("等级标准",), [{"等级": "优", "至少": 90}, {"等级": "良", "至少": 80}], "evaluation.grades"),
    (("等级标准",), [{"等级": "优", "至少": 80}, {"等级": "良", "至少": 80}], "evaluation.grades"),
    (("实施单位",), None, "evaluation.invalid"),
]


@pytest.mark.parametrize(("path", "value", "code"), WRONG)
def test_what_the_form_does_not_allow_is_told_with_its_place(
    path: tuple[str | int, ...], value: Any, code: str
) -> None:
    with pytest.raises(EvaluationError) as told:
        plan(changed(path, value))
    assert told.value.code == code
    for lang in ("zh", "en"):
        assert "自评.yaml:" in told.value.text(lang)


def test_a_place_is_the_line_and_column_of_the_figure() -> None:
    text = SEED.read_text("utf-8").replace("年初预算数: 7.65万", "年初预算数: 约7万")
    line = text[: text.index("约7万")].count("\n") + 1
    with pytest.raises(EvaluationError) as told:
        parse_plan("自评.yaml", text.encode())
    assert f"自评.yaml:{line}:" in told.value.text("zh")
    assert "7.65万" in told.value.text("zh")  # how to write it


@pytest.mark.parametrize("text", ["[1", "a: &x 1", "a: !!python/object:os.system 1", "a: 1\na: 2", "- 1"])
def test_no_yaml_or_hostile_yaml_is_refused(text: str) -> None:
    with pytest.raises(ReliefError) as told:
        parse_plan("自评.yaml", text.encode())
    assert told.value.text("zh").startswith("自评.yaml:1:") or "自评.yaml:2:" in told.value.text("zh")


def test_too_large_or_absent_is_told(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="262144"):
        parse_plan("自评.yaml", b"#" * (2**18 + 1))
    with pytest.raises(EvaluationError, match="cannot be opened"):
        read_plan(tmp_path / "无.yaml")


@given(st.lists(st.integers(0, 10000), min_size=1, max_size=6))
@settings(max_examples=30)
def test_weights_have_to_come_to_100_exactly(hundredths: list[int]) -> None:
    content = scored()
    weights = [f"{weight // 100}.{weight % 100:02}" for weight in hundredths]
    content["勾稽关系"] = []
    content["资金"]["分值"] = "0"
    content["绩效指标"] = [indicator(f"i{at}", "≥1", "1", weight) for at, weight in enumerate(weights)]
    if sum(hundredths) == 10000:
        plan(content)
        return
    with pytest.raises(EvaluationError) as told:
        plan(content)
    assert told.value.code == "evaluation.weights"
    # With what is missing to 100 they are taken.
    if sum(hundredths) < 10000:
        rest = 10000 - sum(hundredths)
        content["绩效指标"].append(indicator("rest", "≥1", "1", f"{rest // 100}.{rest % 100:02}"))
        plan(content)


REFERENCES = [
    ("=轮次.受助户数", "evaluation.no_round"),
    ("=轮此.受助户数", "evaluation.unknown"),
    ("=指标.帮扶户", "evaluation.unknown"),
    ("=资金.帮扶.执行数", "evaluation.unknown"),
    ("=资金.培训.全年执行数", "evaluation.unknown"),
    ("=指标.培训人数", "evaluation.circular"),
]


@pytest.mark.parametrize(("text", "code"), REFERENCES)
def test_a_reference_to_what_is_not_there_is_told(text: str, code: str) -> None:
    made = plan(changed(("绩效指标", 1, "实际完成值"), text))
    with pytest.raises(EvaluationError) as told:
        evaluate(made)
    assert told.value.code == code
    assert "自评.yaml:" in told.value.text("zh")


def test_an_ambiguous_reference_is_told() -> None:
    content = changed(("绩效指标", 1, "三级指标"), "帮扶户数")
    with pytest.raises(EvaluationError, match="stands twice"):
        evaluate(plan(content))


@pytest.mark.parametrize(
    ("parts", "total", "code"),
    [({"a": "若干"}, "1", "evaluation.no_figure"), ({"a": "1"}, "若干", "evaluation.no_figure"),
     ({"a": "1户", "b": "2人"}, "3", "evaluation.units"), ({"a": "1户"}, "1人", "evaluation.units"),
     ({"a": "30"}, "30万元", "evaluation.units")],
)  # fmt: skip
def test_what_cannot_be_added_up_is_told(parts: dict[str, str], total: str, code: str) -> None:
    made = plan(changed(("勾稽关系",), [{"名称": "和", "各项": parts, "合计": total}]))
    with pytest.raises(EvaluationError) as told:
        evaluate(made)
    assert told.value.code == code
