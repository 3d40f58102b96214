"""Pay, take back what came back, pay again, close: from the folder, with its files."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from typer.testing import CliRunner

from relief.cli.command import app
from relief.errors import PaymentError, ReliefError, StepError
from relief.procedure.correcting import correct
from relief.procedure.paying import Given, awards_in, close, enter_returned, ledger_in, pay
from relief.round.folder import read_folder
from relief.round.pipeline import split
from relief.round.verification import verify
from relief.steps.taking import Held, Taken, look, take

if TYPE_CHECKING:
    from pathlib import Path

MINUTES = {"纪要.txt": b"x"}
NAMES = ["王小明", "李娜", "赵六"]
CARDS = ["6222020000000000109", "6222020000000000208", "6222020000000000307"]
ROSTER = pd.DataFrame(
    {
        "户编号": ["a", "b", "c"], "申请人": NAMES, "收款户名": NAMES,
        "银行卡号": CARDS, "区县": ["蓬江区", "蓬江区", "江海区"], "个人自付": [100, 300, 500],
    }
)  # fmt: skip


def approved(folder: Path, roster: pd.DataFrame = ROSTER, fund_fen: int = 300_00, **options: object) -> Path:
    split(roster, fund_fen, **options).save(folder)  # type: ignore[arg-type]
    for step in (
        Taken("reviewed", "2021-10-08", "x", papers=MINUTES),
        Taken("noticed", "2021-10-08", "x", {"days": "7", "last_day": "2021-10-18", "fingerprint": ""}),
        Taken("approved", "2021-10-19", "x", papers=MINUTES),
    ):
        take(folder, lambda _held, step=step: step)
    return folder


def sent(held: Held) -> list[dict[str, str]]:
    """Return the rows of the bank's file of the last step."""
    step = held.steps[-1]
    path = next(path for path in step.papers if path.startswith("private/") and path.endswith("-01.csv"))
    return list(csv.DictReader(io.StringIO(held.files[path].decode("utf-8-sig"))))


def answer(place: Path, rows: list[dict[str, str]], back: dict[str, str]) -> Path:
    """Write the bank's answer: who is in `back` came back."""
    lines = ["付款编号,金额,处理状态,失败原因"]
    for row in rows:
        why = back.get(row["收款账号名称"], "")
        lines.append(f"{row['付款编号']},{row['金额']},{'失败' if why else '成功'},{why}")
    place.write_text("\n".join(lines), "utf-8")
    return place


def test_what_came_back_is_paid_once_more_and_then_the_round_is_closed(tmp_path: Path) -> None:
    folder = approved(tmp_path / "round")
    held, made, accounts = pay(folder, "generic", on="2021-10-20", by="财务")
    assert sum(payment.fen for payment in made.payments) == 300_00
    assert not accounts.held_back
    assert {row["收款账号"] for row in sent(held)} == set(CARDS)
    assert b"622202" not in b"".join(data for name, data in held.files.items() if name.startswith("papers/"))
    with pytest.raises(PaymentError) as refused:
        pay(folder, "generic", on="2021-10-21", by="财务")
    assert refused.value.code == "payment.nothing_owed"
    came = answer(tmp_path / "回盘.csv", sent(held), {"李娜": "账号已销户"})
    held, reasons = enter_returned(folder, came, "generic", on="2021-10-25", by="财务")
    assert reasons == {"b": "账号已销户"}
    assert ledger_in(held).owed == {("b", ""): 10000}
    with pytest.raises(StepError, match=r"100\.00 yuan"):
        close(folder, on="2021-10-26", by="办公室")
    with pytest.raises(PaymentError):
        enter_returned(folder, came, "generic", on="2021-10-26", by="财务")
    fixed = tmp_path / "更正账户.csv"
    fixed.write_text("户编号,收款户名,银行卡号\nb,李娜,6222020000000000406\n", "utf-8")
    held, made, _ = pay(folder, "generic", on="2021-10-27", by="财务", given=Given(corrected=fixed))
    assert [(row["收款账号"], row["金额"]) for row in sent(held)] == [("6222020000000000406", "100.00")]
    assert close(folder, on="2021-10-28", by="办公室").state.stage == "closed"
    book = held.papers("paid")["账目.csv"].decode("utf-8-sig")
    assert "b,,100.00,100.00,0.00,0.00" in book
    verify(folder)


def test_one_whose_account_does_not_hold_waits_and_the_others_are_paid(tmp_path: Path) -> None:
    roster = ROSTER.assign(银行卡号=[CARDS[0], "6222020000000000191", CARDS[2]])
    folder = approved(tmp_path / "round", roster)
    held, made, _ = pay(folder, "generic", on="2021-10-20", by="财务")
    assert {payment.household_id for payment in made.payments} == {"a", "c"}
    assert ledger_in(held).owed == {("b", ""): 10000}
    assert "b," in held.papers("paid")["暂缓.csv"].decode("utf-8-sig")
    assert held.steps[-1].facts["held_back"] == ["b"]
    before = read_folder(folder)
    with pytest.raises(PaymentError) as refused:
        pay(folder, "generic", on="2021-10-21", by="财务")
    assert refused.value.code == "payment.all_held_back"
    assert read_folder(folder) == before
    given = Given(numbers={"b": "存折账号，已与银行核对"})
    assert ledger_in(pay(folder, "generic", on="2021-10-22", by="财务", given=given)[0]).owed == {}


def test_each_source_is_paid_and_reconciled_by_itself(tmp_path: Path) -> None:
    folder = approved(tmp_path / "round", sources_fen={"省级": 100_00, "市级": 200_00})
    awards = awards_in(look(folder))
    assert {source for _, source in awards} == {"省级", "市级"}
    assert sum(awards.values()) == 300_00
    held, made, _ = pay(folder, "generic", on="2021-10-20", by="财务")
    by_source = {source: sum(t.fen for t in made.totals if t.source == source) for source in ("省级", "市级")}
    assert by_source == {"省级": 100_00, "市级": 200_00}
    assert ledger_in(held).sums["owed"] == 0


def test_a_payment_of_the_round_before_that_comes_back_later_fits(tmp_path: Path) -> None:
    one, two = approved(tmp_path / "one"), tmp_path / "two"
    held, _, _ = pay(one, "generic", on="2021-10-20", by="财务")
    later = ROSTER.assign(个人自付=[100, 400, 500])
    split(later, 300_00).save(two)
    correct(one, two, on="2021-10-25", by="办公室", why="补交收据")
    for step in (
        Taken("reviewed", "2021-10-26", "x", papers=MINUTES),
        Taken("noticed", "2021-10-26", "x", {"days": "7", "last_day": "2021-11-04", "fingerprint": ""}),
        Taken("approved", "2021-11-05", "x", papers=MINUTES),
    ):
        take(two, lambda _held, step=step: step)
    _, made, _ = pay(two, "generic", on="2021-11-08", by="财务")
    assert {payment.household_id: payment.fen for payment in made.payments} == {"b": 2000}
    came = answer(tmp_path / "回盘.csv", sent(held), {"王小明": "退汇"})
    back, reasons = enter_returned(two, came, "generic", on="2021-11-10", by="财务")
    assert reasons == {"a": "退汇"}
    assert ledger_in(back).owed == {("a", ""): 3000}
    # c has less after the correction than it was paid before, a and b together as much more.
    assert ledger_in(back).overpaid == {("c", ""): 1667}


def test_the_commands_pay_and_tell(tmp_path: Path) -> None:
    roster = ROSTER.assign(收款户名=["王小明", "李四", "赵六"])
    folder = str(approved(tmp_path / "round", roster))
    done = CliRunner().invoke(app, ["pay", folder, "--on", "2021-10-20", "--by", "财务"])
    assert done.exit_code == 0
    assert done.return_value is None or done.return_value == 1
    assert "暂缓支付 1 户" in done.output
    assert "6222020000000000208" not in done.output
    again = ["pay", folder, "--on", "2021-10-21", "--by", "财务", "--layout", "pipe"]
    paid = CliRunner().invoke(app, [*again, "--holder", "b=监护人代领"])
    assert paid.exit_code == 0, paid.output
    assert "应付 0.00" in paid.output
    closed = CliRunner().invoke(app, ["close", folder, "--on", "2021-10-22", "--by", "办公室"])
    assert "已结案" in closed.output
    wrong = CliRunner().invoke(app, ["pay", folder, "--on", "2021-10-21", "--by", "财务", "--holder", "b"])
    assert isinstance(wrong.exception, ReliefError)
