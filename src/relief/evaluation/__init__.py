"""The performance self-evaluation (绩效自评): its file, what it comes to, its papers."""

from relief.evaluation.evaluate import Evaluation, evaluate
from relief.evaluation.form import evaluation_paper
from relief.evaluation.model import Plan, parse_plan, read_plan
from relief.evaluation.workbook import evaluation_workbook

__all__ = [
    "Evaluation",
    "Plan",
    "evaluate",
    "evaluation_paper",
    "evaluation_workbook",
    "parse_plan",
    "read_plan",
]
