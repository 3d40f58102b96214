"""The performance self-evaluation (绩效自评): its file, what it comes to, its papers."""

from relief.evaluation.evaluate import Evaluation, evaluate
from relief.evaluation.model import Plan, parse_plan, read_plan

__all__ = ["Evaluation", "Plan", "evaluate", "parse_plan", "read_plan"]
