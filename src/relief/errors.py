"""The whole error tree: one root, so that one ``except`` catches all of it.

::

    ReliefError (a ValueError)
    ├── MoneyError           an amount that is not a whole number of fen
    ├── FileError            a file that cannot be read as what it is
    ├── StoreError           a database that cannot be reached, read or written
    ├── TableError           a table that cannot be used at all: no id column, no known header
    ├── PackError            a rule pack, with file and line
    │   ├── ExpressionError  a rule's text that does not follow the grammar
    │   └── ParameterError   no value, or two, for a place and date
    ├── AllocationError      a division that was asked for and cannot be made
    │   ├── ClaimsError      negative, missing or repeated claims
    │   ├── ZeroClaimsError  nobody claims anything
    │   ├── FundError        a fund that is not a whole, non-negative number of fen
    │   ├── SurplusError     the fund is larger than all claims or caps together
    │   ├── ShortageError    the floors together are larger than the fund
    │   ├── BoundsError      a floor above its cap, or bounds that do not fit the claims
    │   ├── UnitError        a unit that does not divide the fund
    │   └── MethodError      a method or rounding of that name does not exist
    ├── RoundError           a round's folder: exists already, in use, changed, not a round
    │   └── StepError        a step that must not happen now: too early, too late, without its paper
    ├── ExchangeError        a department that cannot be asked, or an answer that is none
    ├── PublicError          a published text, a secret, a fingerprint or a slip that is none or does not fit
    ├── SignatureError       a key or a signature that is none, or does not fit
    ├── PaperError           a paper that must not be made so: a field it may not show, nobody to name
    ├── PaymentError         a payment that must not be made, or a return that fits none
    ├── EvaluationError      a self-evaluation that its file does not allow, with file and line
    ├── UnknownHouseholdError  no household of that id here
    └── MissingExtraError    an optional part is not installed

An error carries a `code` and `facts`; `text` words them in Chinese or English from
``sentences/*.toml``. A fault in one household's data is never an error: it is a row of
``Tables.faults``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relief.messages import say

if TYPE_CHECKING:
    from relief.messages import Language

__all__ = [
    "AllocationError",
    "BoundsError",
    "ClaimsError",
    "EvaluationError",
    "ExchangeError",
    "ExpressionError",
    "FileError",
    "FundError",
    "MethodError",
    "MissingExtraError",
    "MoneyError",
    "PackError",
    "PaperError",
    "ParameterError",
    "PublicError",
    "ReliefError",
    "RoundError",
    "ShortageError",
    "SignatureError",
    "StoreError",
    "SurplusError",
    "TableError",
    "UnitError",
    "UnknownHouseholdError",
    "ZeroClaimsError",
]


class ReliefError(ValueError):
    """Anything that relief refuses. `code` names the sentence, `facts` fill it."""

    def __init__(self, code: str, /, **facts: Any) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts

    def text(self, lang: Language = "en") -> str:
        """Return the message in Chinese (``"zh"``) or English (``"en"``)."""
        return say(self.code, lang, **self.facts)

    def __str__(self) -> str:
        return self.text("en")

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.code, self.facts)


def _rebuild(kind: type[ReliefError], code: str, facts: dict[str, Any]) -> ReliefError:
    return kind(code, **facts)


class MoneyError(ReliefError):
    """An amount that is not a whole, finite number of fen."""


class FileError(ReliefError):
    """A file that cannot be read as what it is."""


class StoreError(ReliefError):
    """A database that cannot be reached, read or written; its password is in no message."""


class TableError(ReliefError):
    """A table that cannot be used at all."""


class PackError(ReliefError):
    """A rule pack that says something it must not, with file and line."""


class ExpressionError(PackError):
    """A rule's text that does not follow the grammar."""


class ParameterError(PackError):
    """A parameter without a value, or with two, for a place and date."""


class AllocationError(ReliefError):
    """A division that was asked for and cannot be made."""


class ClaimsError(AllocationError):
    """A claim that is negative, missing, not whole fen, or a label used twice."""


class ZeroClaimsError(AllocationError):
    """Nobody claims anything, so no share exists."""


class FundError(AllocationError):
    """A fund that is not a whole, non-negative number of fen."""


class SurplusError(AllocationError):
    """The fund is larger than all claims, or caps, together."""


class ShortageError(AllocationError):
    """The floors together are larger than the fund."""


class BoundsError(AllocationError):
    """Floors or caps that contradict each other or do not fit the claims."""


class UnitError(AllocationError):
    """A unit that does not divide the fund, or is not a positive number of fen."""


class MethodError(AllocationError):
    """A method or rounding of that name does not exist."""


class RoundError(ReliefError):
    """A round's folder that exists already, is in use, was changed, or is not a round."""


class StepError(RoundError):
    """A step that must not happen now: too early, too late, or without its paper."""


class ExchangeError(ReliefError):
    """A department that cannot be asked, a key that is none, or an answer that cannot be read."""


class PublicError(ReliefError):
    """A published text, a secret, a fingerprint or a slip that is none, or does not fit the others."""


class SignatureError(ReliefError):
    """A key or a signature that is none, or does not fit."""


class PaperError(ReliefError):
    """A paper that must not be made as asked: a field that it may not show, or nobody to name on it."""


class PaymentError(ReliefError):
    """A payment that must not be made, or a return that fits none."""


class EvaluationError(ReliefError):
    """A self-evaluation that cannot be made of its file, with file and line."""


class UnknownHouseholdError(ReliefError):
    """No household of that id is here."""


class MissingExtraError(ReliefError):
    """An optional part of relief is not installed."""
