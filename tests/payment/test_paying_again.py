"""Paying anew what came back: into another account, or the same for a reason; a correction stays known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.payment.banks import card
from tests.procedure.test_paying import CARDS, ROSTER, answer, approved, sent

from relief.errors import PaymentError
from relief.procedure.paying import Given, enter_returned, ledger_in, pay

if TYPE_CHECKING:
    from pathlib import Path


def test_what_came_back_waits_for_another_account_or_a_reason_and_corrections_stay(tmp_path: Path) -> None:
    roster = ROSTER.assign(银行卡号=[CARDS[0], CARDS[1][:-1] + "9", CARDS[2]])
    folder = approved(tmp_path / "round", roster)
    table = tmp_path / "更正.csv"
    table.write_text(f"户编号,收款户名,银行卡号\nb,李娜,{card(7)}\n", "utf-8")
    held, made, _ = pay(folder, "generic", on="2021-10-20", by="财务", given=Given(corrected=table))
    assert len(made.payments) == 3
    came = answer(tmp_path / "回盘.csv", sent(held), {"李娜": "系统故障"})
    enter_returned(folder, came, "generic", on="2021-10-25", by="财务")
    with pytest.raises(PaymentError) as refused:
        pay(folder, "generic", on="2021-10-26", by="财务")
    assert refused.value.code == "payment.all_held_back"
    assert "系统故障" in refused.value.text("zh")
    again = Given(numbers={"b": "银行系统故障，账号无误"})
    held, made, accounts = pay(folder, "generic", on="2021-10-26", by="财务", given=again)
    assert [row["收款账号"] for row in sent(held)] == [card(7)]
    assert [each.code for each in accounts.told] == ["account.sent_again"]
    assert ledger_in(held).owed == {}
    told = next(data for path, data in held.files.items() if path.endswith("账户说明.csv") and "0006" in path)
    assert "银行系统故障，账号无误" in told.decode("utf-8-sig")
