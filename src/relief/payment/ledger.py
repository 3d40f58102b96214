"""What was paid, what came back, what is still owed: to the fen, at every step.

In    awards by household and source, the payments and returns so far
Out   `Ledger`; no entry that would pay anybody more than the award

Every fen of the fund is in one place: paid, owed, or unspent. An amount that a round before this
one paid (which this one corrects) counts as paid; where it was more than the award now is, the
rest is to be claimed back.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from relief.errors import PaymentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from relief.round.chain import Step

__all__ = ["Ledger", "Payment", "ledger_of"]

Key = tuple[str, str]


@dataclass(frozen=True)
class Payment:
    """One payment to one household.

    Attributes
    ----------
    ref : str
        Unique within the round: what the bank sends back.
    household_id, source : str
        `source` is empty where the round has one fund.
    fen : int
        More than zero.
    """

    ref: str
    household_id: str
    source: str
    fen: int

    @property
    def plain(self) -> dict[str, str]:
        """The payment as a step keeps it."""
        return {
            "ref": self.ref, "household_id": self.household_id, "source": self.source, "fen": str(self.fen),
        }  # fmt: skip

    @property
    def key(self) -> Key:
        """Whose account of the ledger it is."""
        return self.household_id, self.source


@dataclass(frozen=True)
class Ledger:
    """The accounts of a round.

    Attributes
    ----------
    awards : mapping of (household_id, source) to int
        Fen.
    fund_fen : int
        What was to be divided.
    payments : mapping of str to Payment
        All, by reference; those of an earlier round that this one corrects among them.
    returned : mapping of str to str
        Why a payment came back, by reference.
    """

    awards: Mapping[Key, int]
    fund_fen: int
    payments: Mapping[str, Payment] = field(default_factory=dict)
    returned: Mapping[str, str] = field(default_factory=dict)

    @property
    def paid(self) -> Counter[Key]:
        """Fen that each was paid and kept, earlier rounds included."""
        sums: Counter[Key] = Counter()
        for payment in self.kept:
            sums[payment.key] += payment.fen
        return sums

    @property
    def kept(self) -> list[Payment]:
        """The payments that did not come back."""
        return [payment for ref, payment in self.payments.items() if ref not in self.returned]

    @property
    def owed(self) -> dict[Key, int]:
        """Fen still to be paid, in the order of the awards; those who are owed nothing left out."""
        paid = self.paid
        return {key: fen - paid[key] for key, fen in self.awards.items() if fen > paid[key]}

    @property
    def overpaid(self) -> dict[Key, int]:
        """Fen that an earlier round paid beyond the award as it is now: to be claimed back."""
        return {
            key: fen - self.awards.get(key, 0)
            for key, fen in self.paid.items()
            if fen > self.awards.get(key, 0)
        }

    @property
    def sums(self) -> dict[str, int]:
        """Where the fund is, in fen: ``paid + owed + unspent - overpaid`` is the fund, always."""
        return {
            "fund": self.fund_fen,
            "paid": sum(self.paid.values()),
            "owed": sum(self.owed.values()),
            "unspent": self.fund_fen - sum(self.awards.values()),
            "overpaid": sum(self.overpaid.values()),
        }

    def pay(self, payments: Iterable[Payment]) -> Ledger:
        """Return the ledger after payments.

        Raises
        ------
        PaymentError
            If one is not more than zero, repeats a reference, or would pay more than is owed.
        """
        made, owed = dict(self.payments), self.owed
        for payment in payments:
            if payment.fen <= 0:
                raise PaymentError("payment.nothing", ref=payment.ref, fen=payment.fen)
            if payment.ref in made:
                raise PaymentError("payment.ref_twice", ref=payment.ref)
            left = owed.get(payment.key, 0) - payment.fen
            if left < 0:
                raise PaymentError(
                    "payment.more_than_owed",
                    household=payment.household_id, fen=payment.fen, owed=owed.get(payment.key, 0),
                )  # fmt: skip
            owed[payment.key] = left
            made[payment.ref] = payment
        return replace(self, payments=made)

    def take_back(self, returned: Mapping[str, str]) -> Ledger:
        """Return the ledger after payments came back.

        Parameters
        ----------
        returned : mapping of str to str
            Why, by reference.

        Raises
        ------
        PaymentError
            If there is no payment of a reference, or it came back already.
        """
        for ref in returned:
            if ref not in self.payments:
                raise PaymentError("payment.no_ref", ref=ref)
            if ref in self.returned:
                raise PaymentError("payment.returned_twice", ref=ref)
        return replace(self, returned={**self.returned, **returned})


def ledger_of(awards: Mapping[Key, int], fund_fen: int, steps: Iterable[Step]) -> Ledger:
    """Return the ledger that the steps of a round lead to.

    Raises
    ------
    PaymentError
        If they pay more than the awards.
    """
    ledger = Ledger(awards, fund_fen)
    for step in steps:
        if step.name == "corrects":
            # The awards were others then, so these may be more than is owed now.
            ledger = replace(ledger, payments={each.ref: each for each in _payments(step)})
        elif step.name == "paid":
            ledger = ledger.pay(_payments(step))
        elif step.name == "returned":
            ledger = ledger.take_back({row["ref"]: row["why"] for row in step.facts.get("returned", ())})
    return ledger


def _payments(step: Step) -> list[Payment]:
    return [
        Payment(row["ref"], row["household_id"], row["source"], int(row["fen"]))
        for row in step.facts.get("payments", ())
    ]
