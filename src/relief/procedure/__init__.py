"""What a federation does with a round, step by step: review, notice, objection, approval, payment."""

from relief.procedure.deciding import approve, object_to, review, settle
from relief.procedure.paying import close
from relief.steps.taking import Held, look

__all__ = ["Held", "approve", "close", "look", "object_to", "review", "settle"]
