"""One application, made so that it comes out as its case says.

In    a `Case`, the amount it claims, a seeded stream of random numbers
Out   an `Application`
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from case import ACCIDENT, AREAS, EARNS, SPELLINGS, STANDARDS, Application, Case, Row, answer
from specials import SPECIALS

if TYPE_CHECKING:
    import random

DAY = dt.timedelta(days=1)
ILLNESSES = ["恶性肿瘤", "慢性肾功能衰竭", "脑梗死", "冠心病", "肝硬化失代偿期", "再生障碍性贫血"]
HOSPITALS = ["示例市第一医院（合成）", "示例市中医院（合成）", "示例区人民医院（合成）"]
INCOMES = ["wage", "business", "property", "transfer", "other"]
RIGID = ["illness", "schooling", "disability", "accident", "other"]
PEOPLE = [("本人", 34, 56), ("配偶", 33, 57), ("子女", 4, 19), ("父母", 62, 82), ("子女", 4, 19)]
ELSEWHERE = ("子女", 24, 32)
PAYERS = ["pooled_fund_fen", "major_illness_fund_fen", "medical_aid_fen", "other_fund_fen"]
PERSONS = ["account_fen", "cash_fen", "out_of_pocket_fen", "own_expense_fen"]
AMOUNTS = ["total_fen", *PAYERS, "commercial_fen", *PERSONS]


def _card(body: str) -> str:
    """Return a card number that does not exist, with the check digit that it would have (Luhn)."""
    doubled = [int(digit) * (2 - at % 2) for at, digit in enumerate(reversed(body))]
    return body + str(-sum(amount - 9 * (amount > 9) for amount in doubled) % 10)


class Maker:
    """Makes one application after the other from one stream of random numbers."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._id_numbers: set[str] = set()
        self._papers = 0

    def application(self, case: Case, number: int, name: str, claim_fen: int) -> Application:
        """Make the application of a case."""
        made = Application(case, {"household_id": f"JM2021-{number:04d}"})
        made.household |= {
            "district": self._rng.choice(SPELLINGS[case.district]),
            "residence": case.residence,
            "union_name": f"{case.district}示例企业工会",
            "applicant_name": name,
        }
        self._add_members(made, name)
        applied = dt.date(2021, 4, 1) + self._rng.randrange(148) * DAY
        patient = self._rng.choice(made.counted + made.members[:1] * 3)
        patient["health"] = (
            "多发性骨折" if case.changes.get("cause") == ACCIDENT else self._rng.choice(ILLNESSES)
        )
        self._add_documents(made, patient, applied, claim_fen)
        made.household |= self._money(made, patient)
        made.household |= self._facts(made, patient, number, applied, claim_fen)
        self._add_registry(made)
        made.household |= case.changes
        SPECIALS[case.special](made)
        return made

    # --- people -----------------------------------------------------------------------------------

    def _id_number(self, district: str, youngest: int, oldest: int) -> str:
        """Return an ID number with a right check digit (GB 11643) and sequence 000, given to nobody."""
        while True:
            born = dt.date(2021, 1, 1) - self._rng.randint(youngest * 365, oldest * 365) * DAY
            body = f"{AREAS[district]}{born:%Y%m%d}000"
            if body not in self._id_numbers:
                self._id_numbers.add(body)
                weighted = sum(int(digit) * 2 ** (17 - at) for at, digit in enumerate(body))
                return body + "10X98765432"[weighted % 11]

    def _add_members(self, made: Application, name: str) -> None:
        size = made.case.size or self._rng.choice([1, 2, 2, 3, 3, 3, 4, 4, 5])
        people = PEOPLE[:size] + [ELSEWHERE] * (self._rng.randrange(8) == 0)
        for at, (relation, youngest, oldest) in enumerate(people):
            number = self._id_number(made.case.district, youngest, oldest)
            member = self._member(relation, 2021 - int(number[6:10]), made.case.residence, counts=at < size)
            who = {
                "household_id": made.id,
                "member_id": f"M{at + 1}",
                "name": f"{name}之{relation}{at}" if at else name,
                "id_number": number,
                "relation": relation,
            }
            made.members.append(who | member)
        made.household |= {"applicant_id_number": made.members[0]["id_number"], "household_size": size}

    def _member(self, relation: str, age: int, residence: str | None, *, counts: bool) -> Row:
        work = self._work(relation, age, residence)
        return {
            "counts_in_household": "是" if counts else "否",
            "counts_reason": "共同生活" if counts else "成年子女已就业，另住，不共同生活",
            "union_member": "是" if relation == "本人" else None,
            "employment": work,
            "wage_income_fen": None,
            "business_income_fen": None,
            "transfer_income_fen": None,
            "income_fen": 0 if work not in EARNS else None,
            "schooling": "示例学校在读（合成）" if work == "在校" else None,
            "health": "良好",
            "authorised": "是" if counts else None,
        }

    def _work(self, relation: str, age: int, residence: str | None) -> str:
        if relation == "子女":
            return "学龄前" if age < 7 else "在校" if age < 23 else "在岗"
        if relation == "父母":
            return "退休"
        if relation == "配偶" and residence == "农村":
            return "务农"
        return self._rng.choice(["在岗", "在岗", "农民工", "病休" if relation == "本人" else "在岗"])

    # --- papers of the hospital -------------------------------------------------------------------

    def _add_documents(self, made: Application, patient: Row, applied: dt.date, claim_fen: int) -> None:
        """Add stays and visits whose 个人自付 is the claim; sometimes a receipt of the year before."""
        rng, year = self._rng, made.case.year
        first, last = dt.date(year, 1, 4), min(applied - DAY, dt.date(year, 12, 30))
        stays = 1 if claim_fen < 1_500_000 else rng.randint(1, 3)
        parts = self._split(claim_fen, [30] * stays + [2] * rng.choice([0, 0, 1, 2]))
        span = (last - first).days // stays
        for at, part in enumerate(parts[:stays]):
            self._add_stay(made, patient, first + at * span * DAY, span, part)
        for part in parts[stays:]:
            self._add_visit(made, patient, first + rng.randrange((last - first).days) * DAY, part)
        if year == 2021 and rng.randrange(10) == 0:
            self._add_visit(made, patient, dt.date(2020, 12, rng.randint(1, 30)), rng.randint(20_000, 90_000))

    def _add_stay(self, made: Application, patient: Row, start: dt.date, span: int, part: int) -> None:
        admitted = start + self._rng.randint(0, span // 3) * DAY
        left = admitted + self._rng.randint(3, min(span // 2, 40)) * DAY
        stay = {"hospital": self._rng.choice(HOSPITALS), "admission_on": admitted, "discharge_on": left}
        paid = {"issued_on": left + self._rng.randint(0, 3) * DAY, **self._bill(part)}
        self._add_paper(made, patient, "住院记录", stay | {"issued_on": left})
        self._add_paper(made, patient, "疾病证明书", stay | {"issued_on": left})
        number = self._add_paper(made, patient, "医疗收据", stay | paid)
        if self._rng.randrange(3) == 0:
            self._add_paper(made, patient, "医保结算单", stay | paid | {"number": number})

    def _add_visit(self, made: Application, patient: Row, issued: dt.date, part: int) -> None:
        visit = {"hospital": self._rng.choice(HOSPITALS), "issued_on": issued}
        self._add_paper(made, patient, "医疗收据", visit | self._bill(part))

    def _add_paper(self, made: Application, patient: Row, kind: str, facts: Row) -> str:
        self._papers += 1
        number = f"SL{self._papers:06d}"
        paper = {
            "household_id": made.id,
            "document_id": f"D{len(made.documents) + 1}",
            "member_id": patient["member_id"],
            "kind": kind,
            "admission_on": None,
            "discharge_on": None,
            "number": number,
        }
        made.documents.append(paper | dict.fromkeys(AMOUNTS) | facts)
        return number

    def _bill(self, part: int) -> Row:
        """Return the amounts of a bill of which `part` is 个人自付; its sums add up by payer and by duty."""
        own = part * self._rng.randint(4, 40) // 100
        person = part + own
        fund = person * self._rng.randint(60, 220) // 100
        shares = self._rng.choice([[60, 0, 0, 0], [60, 15, 0, 0], [60, 15, 10, 0], [60, 0, 0, 8]])
        account = min(person // 4, self._rng.choice([0, 0, 80_000, 150_000]))
        return {
            "total_fen": fund + person,
            **dict(zip(PAYERS, self._split(fund, shares), strict=True)),
            "commercial_fen": person * self._rng.choice([0] * 11 + [15]) // 100,
            "account_fen": account,
            "cash_fen": person - account,
            "out_of_pocket_fen": part,
            "own_expense_fen": own,
        }

    def _split(self, total: int, weights: list[int]) -> list[int]:
        """Split an amount roughly by weights; the first part takes what is left."""
        drawn = [weight * self._rng.randint(60, 140) for weight in weights]
        parts = [total * weight // sum(drawn) for weight in drawn]
        return [parts[0] + total - sum(parts), *parts[1:]]

    # --- money and facts of the household ---------------------------------------------------------

    def _money(self, made: Application, patient: Row) -> Row:
        """Return income and rigid expenditure as people state them: by kind, as a total, or both."""
        rigid = self._rigid(made, patient)
        income = self._income(made, sum(rigid.values()))
        totals = {"income_fen": sum(income.values()), "rigid_expenditure_fen": sum(rigid.values())}
        kinds = {f"{kind}_income_fen": amount for kind, amount in income.items()}
        kinds |= {f"rigid_{kind}_fen": amount for kind, amount in rigid.items()}
        left_out = self._rng.choice([{}, {}, totals, kinds]) if not made.case.note else {}
        return {name: None if name in left_out else amount for name, amount in (totals | kinds).items()}

    def _rigid(self, made: Application, patient: Row) -> dict[str, int]:
        borne = sum(
            receipt["out_of_pocket_fen"] + receipt["own_expense_fen"] - receipt["commercial_fen"]
            for receipt in made.receipts
        )
        pupils = sum(member["employment"] == "在校" and member is not patient for member in made.counted)
        schooling = pupils * self._rng.randint(30, 80) * 10_000
        return dict.fromkeys(RIGID, 0) | {"illness": borne, "schooling": schooling}

    def _income(self, made: Application, rigid_fen: int) -> dict[str, int]:
        """Give the earners what makes the household's net income what the case asks for."""
        sums = dict.fromkeys(INCOMES, 0)
        total = self._total_income(made, rigid_fen)
        for member, amount in zip(
            made.earners, self._split(total, [4, 3, 2, 2, 2][: len(made.earners)]), strict=True
        ):
            kind = EARNS[member["employment"]]
            member |= {"wage_income_fen": 0, "business_income_fen": 0, "transfer_income_fen": 0}
            member |= {f"{kind}_income_fen": amount, "income_fen": amount}
            sums[kind] += amount
        return sums

    def _total_income(self, made: Application, rigid_fen: int) -> int:
        floor, standard = STANDARDS[made.case.district, made.case.residence]
        months = 12 * (made.case.divisor or len(made.counted))
        if isinstance(made.case.net, int):
            return months * standard * made.case.net + rigid_fen * (made.case.special != "gross income")
        bands = {
            "deep": (100, floor - 10),
            "city": (floor + 3, standard - 2),
            "relative": (standard + 9, 2 * standard - 9),
        }
        total = (rigid_fen + months * self._rng.randint(*bands[made.case.net]) * 100) // 1_000 * 1_000
        return min(total, 4_200_000 * len(made.earners)) if made.case.net == "deep" else total

    def _facts(self, made: Application, patient: Row, number: int, applied: dt.date, claim_fen: int) -> Row:
        rng = self._rng
        papers = "有" if rng.randrange(3) else None
        is_silent = rng.randrange(8) == 0 or made.case.year != 2021
        return {
            "phone": f"1000000{number:04d}",
            "union_member": "是",
            "homes_count": rng.choice([0, 1, 1]),
            "vehicles_count": 0,
            "business_registered": "否",
            "on_subsistence": "否",
            "cause": "本人大病" if patient["relation"] == "本人" else "供养直系亲属大病",
            "has_hospital_record": papers,
            "has_illness_certificate": papers,
            "has_medical_receipt": papers,
            "out_of_pocket_fen": None if is_silent else claim_fen,
            "applied_on": applied,
            "visited_on": applied + rng.randint(3, 12) * DAY,
            "visitors_count": rng.randint(2, 3),
            "review_passed": "通过",
            "notice_working_days": rng.choice([7, 7, 7, 8, 10]),
            "notice_objection": "无异议",
            "bank_name": "示例银行江门分行（合成）",
            "bank_account": _card(f"620000000000{number:06d}"),
            "account_holder": made.household["applicant_name"],
        }

    def _add_registry(self, made: Application) -> None:
        """Add what the departments answered about every adult; about one household in ten nothing yet."""
        if self._rng.randrange(10) == 0 and not made.case.note:
            return
        for member in made.earners:
            owns = member["relation"] == "本人" and made.household["homes_count"]
            answer(made, member, "自然资源局", "不动产", "示例路1号 住宅 82平方米（合成）" if owns else "无")
            answer(made, member, "公安局", "机动车", "无")
            if self._rng.randrange(3) == 0:
                insured = "按月领取" if member["employment"] == "退休" else "参保"
                answer(made, member, "人社局", "养老保险", insured)
