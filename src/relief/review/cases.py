"""A pack held against its own worked examples.

In    a pack, and cases: households, each with the answer that it must get
Out   a result per case: what came out, and what differs from what was expected

Cases of one day, with the same tables handed in, are judged together; two that name the same
person are judged apart, as one file could not have both.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from relief.columns import DICTIONARY, TABLES
from relief.errors import PackError, ReliefError
from relief.intake.tables import read_tables
from relief.judging.assessment import OUTCOMES
from relief.judging.eligibility import assess
from relief.messages import say
from relief.rulepack.casefile import Case, Expected, Row, case_text, parse_cases
from relief.rulepack.document import LARGEST
from relief.rulepack.facts import Facts
from relief.rulepack.model import ValueModel, written
from relief.rulepack.pack import folder_name, installed_packs
from relief.rulepack.values import Flags
from relief.verdicts import judged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from relief.intake.tables import Tables
    from relief.judging.assessment import Assessment
    from relief.messages import Language
    from relief.rulepack.pack import Pack
    from relief.sheets.faults import Fault
    from relief.verdicts import Item, Verdicts, Whole

__all__ = [
    "Batch", "Case", "Expected", "Result", "batched", "case_text", "facts_of", "judged_by", "overlaid",
    "parse_cases", "read_cases", "results_of", "run_cases",
]  # fmt: skip

Refused: TypeAlias = tuple[Case, ReliefError]
FILE = "cases.yaml"
_LONG_AGO = dt.date(1990, 1, 1)
_YES, _NO = 1, 2
_PERSONS = frozenset({"applicant_id_number", "id_number"})


@dataclass(frozen=True)
class Batch:
    """Cases that are judged together, read once.

    Attributes
    ----------
    on : date
    parameters : dict of str to Fraction
    cases : tuple of Case
    tables : Tables
        What can be judged; a household is called as its case.
    faults : tuple of Fault
        Why a case is not among them.
    """

    on: dt.date
    parameters: dict[str, Fraction]
    cases: tuple[Case, ...]
    tables: Tables
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Result:
    """What came out for one case.

    Attributes
    ----------
    case : Case
    found : Expected or None
        Everything that was decided; None if the household could not be judged.
    overlapping : tuple of str
        The categories that hold together, in a pack whose categories exclude each other.
    faults : tuple of (zh, en)
        Why it could not be judged.
    """

    case: Case
    found: Expected | None
    overlapping: tuple[str, ...] = ()
    faults: tuple[tuple[str, str], ...] = ()

    @property
    def differences(self) -> list[tuple[str, Any, Any]]:
        """What differs: key, expected, found."""
        if self.found is None:
            return []
        wanted = self.case.expect
        keys = sorted(wanted.model_fields_set)
        pairs = [(key, getattr(wanted, key), getattr(self.found, key)) for key in keys]
        return [(key, want, got) for key, want, got in pairs if _plain(want) != _plain(got)]

    @property
    def passed(self) -> bool:
        """Whether all that was expected came out."""
        return self.found is not None and not self.overlapping and not self.differences

    def lines(self, lang: Language = "zh") -> list[str]:
        """Return what is wrong, each in a line; nothing for a case that passes."""
        at = 0 if lang == "zh" else 1
        told = [self._set_aside(fault[at], lang) for fault in self.faults]
        if self.overlapping:
            told.append(say("case.overlapping", lang, ids="、".join(self.overlapping)))
        for key, want, got in self.differences:
            told.append(say("case.differs", lang, key=key, expected=_shown(want), found=_shown(got)))
        return told

    def _set_aside(self, why: str, lang: Language) -> str:
        told = say("case.set_aside", lang, why=why)
        return say("case.at", lang, place=self.case.place, told=told) if self.case.place else told

    def block(self, lang: Language = "zh") -> list[str]:
        """Return a failed case to be read: its title, and what was expected above what was found."""
        case, at = self.case, 0 if lang == "zh" else 1
        title = (case.title if lang == "zh" else case.title_en) or case.title
        if case.titled_like:
            title = say("case.titled_like", lang, id=case.titled_like, title=title)
        told = [say("case.failed", lang, id=case.id, title=title)]
        told += [f"    {self._set_aside(fault[at], lang)}" for fault in self.faults]
        if self.overlapping:
            told.append(f"    {say('case.overlapping', lang, ids='、'.join(self.overlapping))}")
        for key, want, got in self.differences:
            told += [f"    {key}", *(f"      {line}" for line in _apart(want, got, lang))]
        return told


def _apart(want: Any, got: Any, lang: Language) -> Iterator[str]:
    """Yield what was expected and what was found, one above the other; of ids those that differ too."""
    yield say("case.expected", lang, value=_shown(want))
    yield say("case.found", lang, value=_shown(got))
    if isinstance(want, tuple) and isinstance(got, tuple) and want and got:
        for name, some in (("case.lacking", {*want} - {*got}), ("case.beside", {*got} - {*want})):
            if some:
                yield say(name, lang, ids=_shown(tuple(some)))


def _plain(value: Any) -> Any:
    return frozenset(value) if isinstance(value, tuple) else value


def _shown(value: Any) -> str:
    if isinstance(value, Fraction):
        return written(value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(part)}" for key, part in value.items()) or "—"
    if isinstance(value, tuple):
        return ", ".join(sorted(value)) or "—"
    return "—" if value in (None, "") else str(value)


def read_cases(name_or_path: str | Path) -> tuple[Case, ...]:
    """Read the cases in a pack's folder; none if it has no ``cases.yaml``.

    A pack that extends another has its own cases only.

    Parameters
    ----------
    name_or_path : str or Path
        As `relief.load_pack` takes it.

    Raises
    ------
    PackError
        With file, line, column and the cure, if anything in the file is not as it must be.
    """
    if str(name_or_path) in installed_packs():
        name = str(name_or_path)
        shipped = files("relief").joinpath("rules", name, FILE)
        data = shipped.read_bytes() if shipped.is_file() else None
    else:
        name, data = folder_name(Path(name_or_path)), _read_beside(Path(name_or_path))
    return () if data is None else parse_cases(f"{name}/{FILE}", data)


def _read_beside(folder: Path) -> bytes | None:
    path = folder / FILE
    try:
        if not path.is_file():
            return None
        if folder.resolve() not in path.resolve().parents:
            raise PackError("pack.outside", place=str(path))
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise PackError("pack.cannot_open", place=str(path), why=error.strerror or "") from error


def run_cases(pack: Pack, cases: Iterable[Case]) -> list[Result]:
    """Judge cases by a pack, and compare with what they expect.

    Examples
    --------
    >>> import relief
    >>> pack = relief.load_pack("jiangmen-2021")
    >>> expect = Expected(outcome="ineligible", failed=("union-member",))
    >>> household = {"union_member": False}
    >>> case = Case("no-member", "非会员", "", dt.date(2021, 9, 30), {"households": [household]}, expect)
    >>> run_cases(pack, [case])[0].passed
    True
    """
    listed = list(cases)
    batches, refused = _sorted_out(pack, listed)
    by_id = {result.case.id: result for batch in batches for result in results_of(pack, batch)}
    by_id |= {case.id: Result(case, None, (), ((why.text("zh"), why.text("en")),)) for case, why in refused}
    return [by_id[case.id] for case in listed]


# --- judging together -----------------------------------------------------------------------------


def batched(pack: Pack, cases: Iterable[Case]) -> list[Batch]:
    """Read the cases that can be judged into as few tables as their days, parameters and tables allow."""
    return _sorted_out(pack, cases)[0]


def _sorted_out(pack: Pack, cases: Iterable[Case]) -> tuple[list[Batch], list[Refused]]:
    """Return the cases that can be judged, and each of the others with the error."""
    batches: list[Batch] = []
    refused: list[Refused] = []
    waiting = _alike(pack, cases)
    while waiting:
        together = waiting.pop(0)
        try:
            batches.append(_batch(pack, together))
        except ReliefError as error:
            if len(together) == 1:
                refused.append((together[0], error))
            else:
                waiting += [[case] for case in together]
    return batches, refused


def _alike(pack: Pack, cases: Iterable[Case]) -> list[list[Case]]:
    """Return cases of one day, of the same parameters and tables, no person in two of them."""
    groups: list[tuple[Any, set[Any], list[Case]]] = []
    for case in cases:
        strange = case.parameters.keys() - pack.parameters.keys()
        if strange:
            known = ", ".join(pack.parameters) or "—"
            raise PackError("cases.parameter", id=case.id, name=min(strange), known=known)
        key, numbers = (case.on, case.parameters, case.tables.keys()), set(_numbers(case))
        fits = next((group for group in groups if group[0] == key and not group[1] & numbers), None)
        if fits is None:
            groups.append((key, numbers, [case]))
        else:
            fits[1].update(numbers)
            fits[2].append(case)
    return [members for _, _, members in groups]


def _batch(pack: Pack, cases: Sequence[Case]) -> Batch:
    first = cases[0]
    seen = assess(_read(cases), overlaid(pack, first.parameters), on=first.on)
    faults = tuple(fault for fault in seen.faults if fault.severity == "fault")
    return Batch(first.on, first.parameters, tuple(cases), seen.tables, faults)


def _numbers(case: Case) -> Iterator[Any]:
    for rows in case.tables.values():
        for row in rows:
            yield from (cell for name, cell in row.items() if name in _PERSONS)


def _read(cases: Sequence[Case]) -> Tables:
    frames = {}
    for table in (table for table in TABLES if table in cases[0].tables):
        # The id links rows to households, in a table without rows as well.
        required = ["household_id", *(n for n, column in DICTIONARY[table].items() if column.required)]
        rows = [_filled(case, table, row) for case in cases for row in case.tables[table]]
        names = dict.fromkeys([*required, *(name for row in rows for name in row)])
        frames[table] = pd.DataFrame(rows, columns=[*names], dtype=object)
    return read_tables(frames)


def _filled(case: Case, table: str, row: Row) -> Row:
    """Return a row with what a case need not say; receipts of two cases are never one."""
    filled = {"household_id": case.id, **row}
    if table == "rulings":
        return {"ruled_by": case.id, "ruled_on": case.on, "why": case.title} | filled
    for name in ("number", "cancels") if table == "documents" else ():
        if row.get(name) is not None:
            filled[name] = f"{case.id} {row[name]}"
    return filled


def overlaid(pack: Pack, parameters: dict[str, Fraction]) -> Pack:
    """Return a pack with example values for some parameters, as an overlay that extends it would give."""
    if not parameters:
        return pack
    laid = dict(pack.parameters)
    for id_, value in parameters.items():
        told = {"from": _LONG_AGO, "exactly": written(value), "status": "illustrative", "note": "—"}
        layers = (*laid[id_].layers, (ValueModel.model_validate(told),))
        laid[id_] = replace(laid[id_], layers=layers)
    return replace(pack, parameters=laid)


def judged_by(pack: Pack, batch: Batch) -> Assessment:
    """Judge the cases of a batch, as any other tables."""
    return assess(batch.tables, overlaid(pack, batch.parameters), on=batch.on)


def facts_of(pack: Pack, batch: Batch) -> Facts:
    """Return the cases of a batch as a pack sees them."""
    return Facts(batch.tables, overlaid(pack, batch.parameters), batch.on)


def results_of(pack: Pack, batch: Batch) -> list[Result]:
    """Judge the cases of a batch, and compare with what they expect."""
    facts = facts_of(pack, batch)
    verdicts = judged(facts)
    places = {id_: at for at, id_ in enumerate(facts.ids)}
    blamed = _blamed(verdicts)
    results = []
    for case in batch.cases:
        if case.id in places:
            found, holding = _found(verdicts, blamed, places[case.id])
            overlapping = holding if pack.exclusive_categories and len(holding) > 1 else ()
            results.append(Result(case, found, overlapping))
        else:
            faults = [fault for fault in batch.faults if fault.household_id == case.id]
            results.append(Result(case, None, (), tuple((f.problem("zh"), f.problem("en")) for f in faults)))
    return results


_Blamed: TypeAlias = tuple[list[tuple[str, Flags]], list[tuple[str, Flags]]]


def _blamed(verdicts: Verdicts) -> _Blamed:
    """Return where each rule or category refuses a household, and where it keeps its answer open."""
    ids = [*(item.stated.id for item in verdicts.items), "claim"]
    failed, unknown = (
        [(ids[number], marks.flags(number)) for number in range(marks.count)]
        for marks in (verdicts.failed, verdicts.unknown)
    )
    return failed, unknown


def _found(verdicts: Verdicts, blamed: _Blamed, at: int) -> tuple[Expected, tuple[str, ...]]:
    """Return what was decided of the household at one place, and the categories that hold."""
    number = int(verdicts.category[at])
    failed, unknown = (tuple(id_ for id_, flags in marks if flags[at]) for marks in blamed)
    given = [item for item in verdicts.benefits if not item.codes[at] & _NO]
    found = Expected.model_construct(
        outcome=OUTCOMES[int(verdicts.outcome[at])],
        category=verdicts.pack.categories[number - 1].id if number else None,
        claim=_yuan(verdicts.claim, at),
        benefits={item.stated.id: _given(verdicts, item, at) for item in given},
        failed=failed,
        unknown=unknown,
        checks=_ids(verdicts.items, "check", _NO, at),
    )
    return found, _ids(verdicts.items, "category", _YES, at)


def _ids(items: Iterable[Item], kind: str, code: int, at: int) -> tuple[str, ...]:
    return tuple(item.stated.id for item in items if item.kind == kind and item.codes[at] & code)


def _yuan(whole: Whole, at: int) -> Fraction | None:
    return Fraction(int(whole.fen[at]), 100) if whole.known[at] else None


def _given(verdicts: Verdicts, item: Item, at: int) -> Fraction | bool | None:
    """Return what a benefit gives: an amount, or that it is given; None where either is open."""
    if not item.codes[at] & _YES:
        return None
    gift = verdicts.gifts.get(item.stated.id)
    return True if gift is None else _yuan(gift, at)
