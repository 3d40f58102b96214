"""Accounts and batches that tests of payment share: numbers of nobody, names with rare characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from relief.payment import Account, Accounts, Batch, Layout, batch, load_layout
from relief.payment.accounts import is_card

if TYPE_CHECKING:
    from collections.abc import Mapping

GIVEN = {
    "payer_bank": "示例银行", "payer_account": "44010000000001", "payer_name": "某市总工会",
    "province": "广东省", "city": "江门市",
}  # fmt: skip
# A surname beyond GBK, a supplementary one, one of extension G, a private one that old systems use.
RARE = ("𬱖昊", "𠮷田", "\U00030ede三", "\ue863四", "㛃五", "龦六", "阿依古丽·买买提", "O'Brien, John")


def card(body: int) -> str:
    """Return a card number of 19 digits with a right check digit."""
    start = f"6200{body:014d}"
    return next(start + digit for digit in "0123456789" if is_card(start + digit))


def account(household: str, number: int, holder: str = "王小明", bank: str = "示例银行") -> Account:
    return Account(household, holder, card(number), bank)


def names() -> st.SearchStrategy[str]:
    letters = st.characters(categories=("Lo",), min_codepoint=0x3400) | st.sampled_from("·王小明'\",; ")
    # What begins like a formula or holds what nobody sees is held back, and tested by itself.
    return st.text(letters, min_size=1, max_size=6).map(lambda name: "王" + name.strip()) | st.sampled_from(
        RARE
    )


def made(
    owed: Mapping[tuple[str, str], int],
    holders: Mapping[str, str],
    layout: str | Layout = "generic",
    districts: Mapping[str, str] | None = None,
    prefix: str = "R1-",
) -> Batch:
    """Return the batch of what is owed, with an account for each holder."""
    usable = {name: account(name, at, holder) for at, (name, holder) in enumerate(holders.items(), start=1)}
    chosen = layout if isinstance(layout, Layout) else load_layout(layout)
    wanted = {column.what for column in chosen.columns}
    given = {name: text for name, text in GIVEN.items() if name in wanted}
    return batch(
        owed, Accounts(usable), chosen, ref_prefix=prefix, dated="2021-11-01", districts=districts or {},
        given=given,
    )  # fmt: skip
