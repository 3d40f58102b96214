"""What each household is told on paper: why it was refused or has to wait, or what it gets and why that much.

In    a `Round`, what a person adds: who answers, where and until when to ask for a new review (复核)
Out   one `Paper` per household; a letter is for its household alone and bears the name in full
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from relief.errors import PaperError, UnknownHouseholdError
from relief.messages import Figure, say
from relief.money import yuan
from relief.papers.capitals import in_capitals
from relief.papers.notice import long_date
from relief.papers.paper import Block, Grid, Heading, Paper, Text
from relief.public import grouped
from relief.steps.deadlines import day_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from relief.messages import Language
    from relief.round.pipeline import Round

__all__ = ["LetterDetails", "in_one", "letter", "letters", "slips"]

_INDENT = "      "


@dataclass(frozen=True)
class LetterDetails:
    """What a person adds to letters.

    Attributes
    ----------
    organisation : str
        Who answers: 江门市总工会.
    phone : str
        Of the organisation.
    address : str
        Where papers are handed in.
    dated : str or date
    ask_by : str or date
        The last day to hand in papers or ask for a new review.
    fingerprint : str
        Of the published record, for slips; empty where nothing is published.
    lang : {'zh', 'en'}
    approved : bool
        Whether the round is: before that, a slip says that its award is proposed.
    """

    organisation: str
    phone: str
    address: str
    dated: dt.date | str
    ask_by: dt.date | str
    fingerprint: str = ""
    lang: Language = "zh"
    approved: bool = True


def letters(round_: Round, details: LetterDetails) -> Iterator[tuple[str, Paper]]:
    """Yield the letter of each household that was refused or has to wait, in the order of their ids.

    Raises
    ------
    PaperError
        If nobody was judged, something that a letter needs is missing, or its last day is before its date.
    """
    _check(details)
    if round_.assessment is None:
        raise PaperError("letters.not_judged")
    # What all lack is found together in a small part of the time that it takes one by one.
    round_.assessment.missing(details.lang)
    outcomes = round_.decisions["outcome"].astype(object)
    for household in sorted(outcomes.index[outcomes != "eligible"]):
        yield household, letter(round_, household, details)


def slips(round_: Round, details: LetterDetails) -> Iterator[tuple[str, Paper]]:
    """Yield the slip of each household that has an award, in the order of their ids."""
    _check(details)
    plan = round_.allocation
    for household in sorted(plan.awards_fen.index) if plan is not None else ():
        yield household, letter(round_, household, details)


def letter(round_: Round, household_id: str, details: LetterDetails) -> Paper:
    """Return the letter, or where it has an award the slip, of one household.

    Raises
    ------
    UnknownHouseholdError
        If the round does not have the household.
    """
    plan = round_.allocation
    if plan is not None and household_id in plan.awards_fen.index:
        return _slip(round_, household_id, details)
    decisions = round_.decisions
    if household_id not in decisions.index:
        raise UnknownHouseholdError("household.unknown", household=household_id)
    assert round_.assessment is not None  # noqa: S101
    outcome = str(decisions.loc[household_id, "outcome"])
    # Whom to ask, and until when, is told below more exactly than the rules can.
    told = round_.assessment.explain(household_id, details.lang)
    told = told.replace(say("letter.review", details.lang), "")
    blocks = [_greeting(round_, household_id, details), *_paragraphs(told), *_asking(details, outcome)]
    return _paper(f"letters.title.{outcome}", blocks, details)


def in_one(papers: Iterable[tuple[str, Paper]]) -> Paper | None:
    """Return letters as one paper, each beginning a page; None where there is none."""
    all_ = [paper for _, paper in papers]
    if not all_:
        return None
    first, *rest = all_
    blocks: list[Block] = list(first.blocks)
    begins = []
    for paper in rest:
        begins.append(len(blocks))
        blocks += [Heading(paper.title, 0), *paper.blocks]
    return Paper(first.title, tuple(blocks), first.lang, first.dated, new_page=frozenset(begins))


def _slip(round_: Round, household_id: str, details: LetterDetails) -> Paper:
    plan = round_.allocation
    assert plan is not None  # noqa: S101
    lang, fen = details.lang, int(plan.awards_fen[household_id])
    claim = int(plan.claims_fen[household_id])
    rows = (
        (say("letters.household", lang), household_id),
        (say("letters.claim", lang), f"{yuan(claim):,}"),
        (say("letters.award", lang), f"{yuan(fen):,}"),
        (say("letters.capitals", lang), in_capitals(fen)),
    )
    grid = Grid("", (say("letters.what", lang), say("letters.how_much", lang)), rows)
    why = Heading(say("letters.why", lang))
    awarded = say("letters.awarded" if details.approved else "letters.proposed", lang)
    blocks: list[Block] = [
        _greeting(round_, household_id, details), Text(awarded), grid, why,
        *_paragraphs(plan.explain(household_id, lang)), *_proof(details), *_asking(details, "eligible"),
    ]  # fmt: skip
    return _paper("letters.title.eligible", blocks, details)


def _paper(title: str, blocks: Iterable[Block], details: LetterDetails) -> Paper:
    day = day_of(details.dated)
    signed = Text(f"{details.organisation}\n{long_date(day, details.lang)}", "right")
    return Paper(say(title, details.lang), (*blocks, signed), details.lang, day.isoformat())


def _greeting(round_: Round, household_id: str, details: LetterDetails) -> Text:
    """Address the applicant, where the name is known; else the household."""
    frame = round_.tables.frames["households"]
    found = frame.loc[frame["household_id"] == household_id]
    name = found["applicant_name"].iloc[0] if "applicant_name" in found and len(found) else pd.NA
    if pd.isna(name):
        return Text(say("letters.to_household", details.lang, household=household_id), "strong")
    return Text(say("letters.to_person", details.lang, name=str(name)), "strong")


def _paragraphs(text: str) -> Iterator[Text]:
    """Yield the lines of a letter as paragraphs; what is indented explains the line above, in small print."""
    for line in filter(str.strip, text.splitlines()):
        told = line.strip()
        if line.startswith(_INDENT):
            yield Text(told, "note")
        else:
            yield Text(told, "strong" if told.endswith(("：", ":")) else "body")


def _asking(details: LetterDetails, outcome: str) -> Iterator[Text]:
    by = long_date(day_of(details.ask_by), details.lang)
    facts = {"organisation": details.organisation, "phone": Figure(details.phone), "address": details.address}
    yield Text(say(f"letters.ask.{outcome}", details.lang, by=by, **facts))


def _proof(details: LetterDetails) -> Iterator[Text]:
    if details.fingerprint:
        yield Text(say("letters.proof", details.lang))
        yield Text(grouped(details.fingerprint), "code")


def _check(details: LetterDetails) -> None:
    missing = [name for name in ("organisation", "phone", "address") if not getattr(details, name).strip()]
    if missing:
        raise PaperError("letters.lacks", what=", ".join(missing))
    if day_of(details.ask_by) < day_of(details.dated):
        raise PaperError("letters.ask_before", ask_by=str(details.ask_by), dated=str(details.dated))
