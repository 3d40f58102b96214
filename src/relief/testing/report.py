"""What the conformance suite found: a report of promises kept and broken, each breach with its witness."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from relief import fairness
from relief.errors import ReliefError
from relief.messages import catalogue, say

if TYPE_CHECKING:
    from relief.messages import Language
    from relief.testing.promises import Breach

__all__ = ["Report", "Witness"]

_MOST_TOLD = 300


@dataclass(frozen=True, repr=False)
class Witness:
    """A problem on which an allocator breaks a promise; asked again, it breaks it again.

    Attributes
    ----------
    promise : str
        The promise that is broken.
    claims : list of int
        In fen.
    fund : int
        In fen.
    awards : list
        What came back, as it came; empty if it was an error or no list.
    breach : Breach
        What is wrong with it.
    """

    promise: str
    claims: list[int]
    fund: int
    awards: list[Any]
    breach: Breach = field(compare=False)

    def text(self, lang: Language = "en") -> str:
        """Return what is wrong, as a sentence in Chinese (``"zh"``) or English (``"en"``)."""
        wrong = say(
            self.breach.code, lang, **{name: _plain(fact, lang) for name, fact in self.breach.facts.items()}
        )
        named = f"conformance.promise.{self.promise}"
        promise = say(named, lang) if named in catalogue() else self.promise
        problem = {
            "claims": _plain(self.claims, lang),
            "fund": self.fund,
            "awards": _plain(self.awards, lang),
        }
        return say("conformance.witness", lang, promise=promise, wrong=_Plain(wrong), **problem)

    def __repr__(self) -> str:
        return f"Witness({self.text()})"


@dataclass(frozen=True, repr=False)
class Report:
    """What `relief.testing.conformance` found.

    Attributes
    ----------
    promises : tuple of str
        Those that were tried.
    broken : dict of str to Witness
        Those that broke, each with the smallest witness found.
    tried : int
        On how many problems.
    calls : int
        How often the allocator was called.
    """

    promises: tuple[str, ...]
    broken: dict[str, Witness]
    tried: int
    calls: int

    @property
    def holds(self) -> bool:
        """Whether no promise broke. That is no proof: another problem may break one."""
        return not self.broken

    def assert_ok(self) -> None:
        """Raise an `AssertionError` with the report if a promise broke."""
        if self.broken:
            raise AssertionError(self.text())

    def text(self, lang: Language = "en") -> str:
        """Return the report in Chinese (``"zh"``) or English (``"en"``), a line per broken promise."""
        facts = {"kept": len(self.promises) - len(self.broken), "promises": len(self.promises),
                 "tried": self.tried, "calls": self.calls}  # fmt: skip
        head = say("conformance.broken" if self.broken else "conformance.holds", lang, **facts)
        return "\n".join([head, *(witness.text(lang) for witness in self.broken.values())])

    def __repr__(self) -> str:
        return self.text()


def _plain(fact: Any, lang: Language) -> Any:
    if isinstance(fact, list):
        return _Plain(f"[{', '.join(str(each) for each in fact)}]")
    if isinstance(fact, fairness.Witness):
        return _Plain(fact.wrong(lang))
    if isinstance(fact, ReliefError):
        return _Plain(fact.text(lang))
    if isinstance(fact, BaseException):
        return _Plain(f"{type(fact).__name__}: {fact}".strip(": ")[:_MOST_TOLD])
    return _Plain(str(fact)) if isinstance(fact, str | Fraction) else fact


class _Plain:
    """Words that are said as they are: the amounts in them were made up here and name nobody."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __format__(self, _: str) -> str:
        return self._text
