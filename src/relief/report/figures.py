"""The figures of a round that are looked at: counts, sums and shares, exact, in the order to show.

In    a `Round`
Out   `Figures`; nothing in them names a household
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from relief.columns import DICTIONARY, TABLES
from relief.judging.assessment import OUTCOMES
from relief.messages import say
from relief.round.summary import claim_title
from relief.rulepack.words import column_title
from relief.sheets.places import UNSTATED

if TYPE_CHECKING:
    from relief.judging.assessment import Assessment
    from relief.messages import Language
    from relief.round.pipeline import Round

__all__ = [
    "Coverage",
    "District",
    "Figures",
    "Kind",
    "Slice",
    "Tally",
    "blamed",
    "figures_of",
    "rule_titles",
]

_PARTS = 10


@dataclass(frozen=True)
class District:
    """One district: awards in fen, its share of all awards, households by outcome."""

    name: str
    households: int
    claim_fen: int
    award_fen: int
    share: Fraction
    outcomes: dict[str, int]


@dataclass(frozen=True)
class Slice:
    """A tenth of the awarded households, the least awards first; shares are of all awards and claims."""

    households: int
    award_fen: int
    share: Fraction
    claim_share: Fraction


@dataclass(frozen=True)
class Kind:
    """A category, or a group with a fund of its own."""

    title: str
    households: int
    claim_fen: int
    award_fen: int


@dataclass(frozen=True)
class Tally:
    """How many households one reason concerns."""

    title: str
    households: int


@dataclass(frozen=True)
class Coverage:
    """How many cells of one column that the rules read hold something."""

    table: str
    title: str
    known: int
    rows: int

    @property
    def share(self) -> Fraction:
        """The known part, none where there are no rows."""
        return Fraction(self.known, self.rows) if self.rows else Fraction(0)


@dataclass(frozen=True)
class Figures:
    """What the charts draw and the page tells.

    Attributes
    ----------
    claim : str
        What the fund is divided by, in words.
    fund_fen, awarded_fen, claims_fen : int
    is_one_rate : bool
        Whether every claim gets the same rate before rounding; otherwise `rate` is a mean.
    counts : dict of str to int
        Households by outcome: eligible, ineligible, pending, quarantined; of a split awarded, quarantined.
    points : tuple of (int, int)
        Claim and award in fen of each awarded household, ascending.
    remainders : tuple of (Fraction, bool)
        Remainder in units and whether it got one more, largest first; only those that had one.
    cut : Fraction or None
        The remainder of the last to get a unit, where one cut served all.
    """

    claim: str
    fund_fen: int
    awarded_fen: int
    claims_fen: int
    is_one_rate: bool
    counts: dict[str, int]
    districts: tuple[District, ...]
    points: tuple[tuple[int, int], ...]
    remainders: tuple[tuple[Fraction, bool], ...]
    cut: Fraction | None
    unit_fen: int
    slices: tuple[Slice, ...]
    categories: tuple[Kind, ...]
    refusals: tuple[Tally, ...]
    open_rules: tuple[Tally, ...]
    coverage: tuple[Coverage, ...]

    @property
    def rate(self) -> Fraction:
        """Awarded per unit of claims, exactly."""
        return Fraction(self.awarded_fen, self.claims_fen or 1)


def figures_of(round_: Round, lang: Language = "zh") -> Figures:
    """Return the figures of a round, titles in `lang`."""
    judged, plan = round_.assessment, round_.allocation
    claims = [] if plan is None else [int(fen) for fen in plan.claims_fen]
    awards = [] if plan is None else [int(fen) for fen in plan.awards_fen]
    points = tuple(sorted(zip(claims, awards, strict=True)))
    return Figures(
        claim=claim_title(round_, lang),
        fund_fen=int(round_.call["fund_fen"]),
        awarded_fen=sum(awards),
        claims_fen=sum(claims),
        is_one_rate=plan is not None and plan.method == "proportional" and not round_.call.get("terms"),
        counts=_counts(round_),
        districts=_districts(round_),
        points=points,
        remainders=_remainders(round_),
        cut=None if plan is None else (plan.reconciliation["cut"] or {}).get("remainder"),
        unit_fen=1 if plan is None else plan.unit_fen,
        slices=_slices(points),
        categories=() if judged is None else _categories(round_, judged, lang),
        refusals=() if judged is None else _tallies(judged, "ineligible", lang),
        open_rules=() if judged is None else _tallies(judged, "pending", lang),
        coverage=() if judged is None else _coverage(judged, lang),
    )


def _counts(round_: Round) -> dict[str, int]:
    counts = round_.counts
    names = ("awarded",) if round_.assessment is None else OUTCOMES
    return {name: counts[name] for name in (*names, "quarantined")}


def _districts(round_: Round) -> tuple[District, ...]:
    table, outcomes = round_.districts, _outcomes(round_)
    rows = {str(name): row for name, row in table.to_dict("index").items()}
    found = [
        District(
            name, int(row["households"]), int(row["claim_fen"]), int(row["award_fen"]),
            Fraction(row["share"]), outcomes.pop(name, {}),
        )
        for name, row in rows.items()
    ]  # fmt: skip
    # Where only refused or pending households live the split has no row: it is kept all the same.
    found += [District(name, 0, 0, 0, Fraction(0), counts) for name, counts in sorted(outcomes.items())]
    return tuple(found)


def _outcomes(round_: Round) -> dict[str, dict[str, int]]:
    if round_.assessment is None:
        return {}
    found: dict[str, dict[str, int]] = {}
    decisions = round_.decisions
    homes = decisions["district"].astype(object).where(decisions["district"].notna(), UNSTATED)
    for name, outcome in zip(homes, decisions["outcome"].astype(str), strict=True):
        here = found.setdefault(str(name), dict.fromkeys(OUTCOMES, 0))
        here[outcome] += 1
    return found


def _remainders(round_: Round) -> tuple[tuple[Fraction, bool], ...]:
    if round_.allocation is None:
        return ()
    plan, unit = round_.allocation, round_.allocation.unit_fen
    pairs = zip(plan.quotas, plan.awards_fen, strict=True)
    found = [(quota / unit % 1, int(award) > quota) for quota, award in pairs]
    return tuple(sorted((pair for pair in found if pair[0]), key=lambda pair: (-pair[0], not pair[1])))


def _slices(points: tuple[tuple[int, int], ...]) -> tuple[Slice, ...]:
    """Cut households into tenths by award, or into as many parts as there are households."""
    ordered = sorted(points, key=lambda point: (point[1], point[0]))
    parts, size = min(_PARTS, len(ordered)), len(ordered)
    claims, awards = (sum(column) or 1 for column in zip(*ordered, strict=True)) if ordered else (1, 1)
    found = []
    for at in range(parts):
        here = ordered[at * size // parts : (at + 1) * size // parts]
        award = sum(point[1] for point in here)
        claim = sum(point[0] for point in here)
        found.append(Slice(len(here), award, Fraction(award, awards), Fraction(claim, claims)))
    return tuple(found)


def _categories(round_: Round, judged: Assessment, lang: Language) -> tuple[Kind, ...]:
    """Return every category of the pack in its order, those without a household too."""
    if round_.allocation is None:
        return ()
    plan = round_.allocation
    of_household = judged.decisions["category"].reindex(plan.awards_fen.index).astype(str)
    found = []
    for category in judged.pack.categories:
        here = (of_household == category.title).to_numpy()
        claims, awards = plan.claims_fen[here], plan.awards_fen[here]
        title = category.title if lang == "zh" else category.title_en
        found.append(Kind(title, int(here.sum()), sum(map(int, claims)), sum(map(int, awards))))
    return tuple(found)


def rule_titles(judged: Assessment, outcome: str, lang: Language) -> dict[str, str]:
    """Return by id what a rule is called; a category is told as one that does not fit, or may not."""
    pack, code = judged.pack, "report.no_category" if outcome == "ineligible" else "report.no_category_yet"
    titles = {rule.id: rule.title if lang == "zh" else rule.title_en for rule in pack.rules}
    titles |= {category.id: say(code, lang) for category in pack.categories}
    if pack.claim is not None:
        titles["claim"] = pack.claim.title if lang == "zh" else pack.claim.title_en
    return titles


def blamed(ids: str, titles: dict[str, str]) -> list[str]:
    """Return the titles of the rules named by joined ids, each once."""
    return list(dict.fromkeys(titles.get(id_, id_) for id_ in ids.split(";") if id_))


def _tallies(judged: Assessment, outcome: str, lang: Language) -> tuple[Tally, ...]:
    """Return how many households each rule refuses or leaves open, the most first."""
    titles, counts = rule_titles(judged, outcome, lang), dict[str, int]()
    here = judged.decisions[judged.decisions["outcome"] == outcome]
    column = "failed_rules" if outcome == "ineligible" else "unknown_rules"
    for ids in here[column].astype(str):
        for title in blamed(ids, titles):
            counts[title] = counts.get(title, 0) + 1
    order = {title: at for at, title in enumerate(dict.fromkeys(titles.values()))}
    ranked = sorted(counts.items(), key=lambda item: (-item[1], order.get(item[0], len(order))))
    return tuple(Tally(title, count) for title, count in ranked)


def _coverage(judged: Assessment, lang: Language) -> tuple[Coverage, ...]:
    """Return for each column that the rules read how many of its cells are known."""
    used, tables = judged.pack.columns, judged.tables
    found = []
    for table in TABLES:
        frame = tables.frames.get(table)
        for name in DICTIONARY[table]:
            if (table, name) not in used or name == "household_id":
                continue
            known = 0 if frame is None or name not in frame else int(frame[name].notna().sum())
            rows = 0 if frame is None else len(frame)
            title = column_title(table, name, lang)
            found.append(Coverage(say(f"table.{table}", lang), title, known, rows))
    return tuple(found)
