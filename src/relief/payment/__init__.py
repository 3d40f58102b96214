"""Payment: who is owed what, into which account, the bank's files, and what came back."""

from relief.payment.accounts import Account, Accounts, Finding, accounts_of
from relief.payment.batch import Batch, ControlTotal, batch
from relief.payment.layout import Layout, layout_names, load_layout
from relief.payment.ledger import Ledger, Payment, ledger_of
from relief.payment.returned import read_returned

__all__ = [
    "Account",
    "Accounts",
    "Batch",
    "ControlTotal",
    "Finding",
    "Layout",
    "Ledger",
    "Payment",
    "accounts_of",
    "batch",
    "layout_names",
    "ledger_of",
    "load_layout",
    "read_returned",
]
