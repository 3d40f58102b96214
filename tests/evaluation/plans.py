"""Plans to try the self-evaluation on: a scored one, written as JSON, which is YAML too."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relief.evaluation import parse_plan, read_plan

if TYPE_CHECKING:
    from relief.evaluation import Plan

SEED = Path(__file__).parents[2] / "data" / "samples" / "evaluation-2021" / "自评.yaml"


def indicator(name: str, target: str, actual: str | None, weight: str, **more: str) -> dict[str, str | None]:
    """Return an indicator of the first kind."""
    levels = {"一级指标": "产出指标", "二级指标": "数量指标", "三级指标": name}
    return {**levels, "年度指标值": target, "实际完成值": actual, "分值": weight, **more}


# Weights as a real table has them: budget 10, output 50, effect 30, satisfaction 10.
SCORED: dict[str, Any] = {
    "项目名称": "专项帮扶", "年度": "2021", "主管部门": "某市总工会", "实施单位": "某市总工会",
    "填报日期": "2022-01-20",
    "资金": {
        "各项": [
            {"名称": "帮扶", "年初预算数": "30万", "全年预算数": "30万", "全年执行数": "29.9万"},
            {"名称": "会议", "年初预算数": "7.65万", "全年预算数": "7.54万", "全年执行数": "7.54万"},
        ],
        "合计": {"年初预算数": "37.65万", "全年预算数": "37.54万", "全年执行数": "37.44万"},
        "分值": "10",
    },
    "年度总体目标": {"预期目标": "帮扶困难职工", "实际完成情况": "已帮扶"},
    "绩效指标": [
        indicator("帮扶户数", "≥80户", "80户", "20", 得分="达标得分"),
        indicator("培训人数", "≥2万人", "15000人", "20", 得分="按比例得分", 偏差原因="疫情"),
        indicator("补贴支出", "≤50万元", "50.7万元", "10", 得分="达标得分", 偏差原因="人数增加"),
        indicator("社会效益", "达成预期指标", "达成预期指标", "30", 得分="28.5"),
        indicator("满意度", "≥95%", "未测评", "10", 得分="达标得分"),
    ],
    "勾稽关系": [
        {"名称": "区县", "各项": {"新会区": "53", "江海区": "0", "台山市": "27"}, "合计": "=指标.帮扶户数"},
        {"名称": "工种", "各项": {"一类": "23", "二类": "29"}, "合计": ">50"},
    ],
}  # fmt: skip


def scored() -> dict[str, Any]:
    """Return the content of the scored plan, to be changed."""
    return copy.deepcopy(SCORED)


def plan(content: dict[str, Any]) -> Plan:
    """Return the plan of a content."""
    return parse_plan("自评.yaml", json.dumps(content, ensure_ascii=False, indent=1).encode())


def seed() -> Plan:
    """Return the plan of the report of 2021."""
    return read_plan(SEED)
