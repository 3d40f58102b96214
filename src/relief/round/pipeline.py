"""The stages in their order: read, judge, divide, add up, record. No other module knows it.

In    tables, a pack, a fund, a date
Out   `Round`: decisions, allocation, districts, and a folder that another person can re-check
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from relief import arguments
from relief.allocation import Allocation, allocate
from relief.allocation.claims import read_fund, read_unit
from relief.errors import ClaimsError, SurplusError
from relief.intake.districts import summarise
from relief.intake.tables import Tables, read_tables
from relief.judging.eligibility import Assessment, assess
from relief.judging.roster import HOME_PACK, Roster, read_roster
from relief.money import yuan
from relief.round import outputs, parquet, record, summary
from relief.round.evidence import Evidence, evidence_of
from relief.round.folder import write_folder
from relief.rulepack.pack import Pack, load_pack
from relief.sheets.database import store_notes

if TYPE_CHECKING:
    import datetime as dt

    from relief.messages import Language
    from relief.sheets.places import District

__all__ = ["Round", "run", "split"]

Progress = Callable[[str], None]


@dataclass(frozen=True, eq=False, repr=False)
class Round:
    """One division of one fund.

    Attributes
    ----------
    kind : {'round', 'split'}
        Judged by a pack, or a roster that was recognised already.
    tables : Tables
        What was read, with every fault.
    assessment : Assessment or None
        None for a split.
    allocation : Allocation or None
        None where no household is eligible, so that nothing was divided.
    districts : DataFrame
        Per district, zero rows kept.
    quarantine : DataFrame
        Rows not used, each with its place, problem and cure.
    call : dict
        What was asked for, as the record keeps it.
    """

    kind: str
    tables: Tables
    assessment: Assessment | None
    allocation: Allocation | None
    districts: pd.DataFrame
    quarantine: pd.DataFrame
    call: dict[str, Any]
    pack: Pack
    household_districts: pd.Series[Any]
    rows_in: int

    def __repr__(self) -> str:
        counts = ", ".join(f"{name}={count}" for name, count in self.counts.items())
        return (
            f"Round(kind={self.kind!r}, pack={self.pack.name!r}, fund_fen={self.call['fund_fen']}, {counts})"
        )

    @property
    def decisions(self) -> pd.DataFrame:
        """The decisions of a judged round; empty for a split."""
        return self.assessment.decisions if self.assessment else pd.DataFrame()

    @property
    def needs_a_person(self) -> bool:
        """Whether something is left to decide or to mend: the command line then ends with 1."""
        told = any(fault.severity != "notice" for fault in self.tables.faults)
        judged = self.assessment
        pending = judged is not None and (judged.counts["pending"] > 0 or len(judged.attention) > 0)
        return bool(told or pending or len(self.quarantine) or self.allocation is None)

    @property
    def set_aside(self) -> frozenset[object]:
        """Household ids, and places as `Fault.at` has them, of the rows not used."""
        table = self.quarantine
        places = zip(table["source"], table["sheet"], table["row"], strict=True)
        return frozenset(filter(None, table["household_id"])) | frozenset(places)

    @property
    def seal(self) -> str:
        """The record's fingerprint, as ``relief verify`` prints it."""
        return record.seal_of(self.record)

    @cached_property
    def counts(self) -> dict[str, int]:
        """Households in, and where each went: rows in = judged + quarantined."""
        quarantined = int((self.quarantine["table"] == "households").sum())
        counts = {"households_in": self.rows_in, "quarantined": quarantined}
        if self.assessment is not None:
            counts |= {"judged": len(self.decisions), **self.assessment.counts}
        counts["awarded"] = 0 if self.allocation is None else len(self.allocation.awards_fen)
        return counts

    @cached_property
    def evidence(self) -> Evidence:
        """What departments say otherwise than households, and what papers the claims rest on."""
        return evidence_of(self.assessment)

    @cached_property
    def tables_out(self) -> dict[str, bytes]:
        """The round's files except inputs, pack and record, by name."""
        files = {
            "awards.csv": outputs.awards_csv(self.allocation, self.household_districts),
            "shares.csv": outputs.shares_csv(self.allocation),
            "districts.csv": outputs.districts_csv(self.districts),
            "quarantine.csv": outputs.quarantine_csv(self.quarantine),
            "faults.csv": outputs.faults_csv(self.tables.faults),
        }
        plan = self.allocation
        if plan is not None and plan.parts[0].group.name is not None:
            files["groups.csv"] = outputs.groups_csv(plan)
        if plan is not None and self.call.get("certificate"):
            files["certificate.json"] = record.canonical(plan.certificate())
        if self.assessment is not None:
            files["decisions.csv"] = outputs.decisions_csv(self.assessment)
            files["reasons.csv"] = outputs.reasons_csv(self.assessment)
            files["missing.csv"] = outputs.missing_csv(self.assessment)
            files |= self.evidence.files()
        files["说明.txt"] = summary.text(self, files=files).encode("utf-8")
        return parquet.in_parquet(files) if self.call.get("format") == "parquet" else files

    @cached_property
    def record(self) -> dict[str, Any]:
        """What was decided from what: hashes of inputs, pack and outputs, parameters, counts, the call."""
        judged = self.assessment
        pack_files = {
            f"{name}/{file}": record.digest(data)
            for name, folder in self.pack.folders.items() for file, data in folder.items()
        }  # fmt: skip
        return {
            "format": record.FORMAT,
            "kind": self.kind,
            "call": self.call,
            "inputs": [record.pinned(source) for source in self.tables.sources],
            "changes": [change.plain() for change in self.tables.changes],
            "pack": {"name": self.pack.name, "files": pack_files},
            "parameters": judged.parameters_used() if judged else [],
            "not_sourced": judged.not_sourced() if judged else {},
            "counts": self.counts,
            "reconciliation": record.plain(self.allocation.reconciliation) if self.allocation else {},
            "outputs": {name: record.digest(data) for name, data in self.tables_out.items()},
            "versions": record.versions(),
            **({"stores": stores} if (stores := store_notes(self.tables.sources)) else {}),
        }

    def files(self) -> dict[str, bytes]:
        """Return every file of the round's folder by relative path."""
        inputs = {f"inputs/{source.name}": source.data for source in self.tables.sources}
        pack = {
            f"pack/{name}/{file}": data
            for name, folder in self.pack.folders.items()
            for file, data in folder.items()
        }
        return {**self.tables_out, **inputs, **pack, "record.json": record.sealed(self.record)}

    def written_as(self, file_format: str) -> Round:
        """Return the same round, its large tables to be written as ``"csv"`` or ``"parquet"``.

        Raises
        ------
        RoundError, MissingExtraError
            If there is no such format, or pyarrow is not installed.
        """
        parquet.check_format(file_format)
        call = {key: value for key, value in self.call.items() if key != "format"}
        return replace(self, call=call if file_format == "csv" else {**call, "format": file_format})

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Write the round's folder, all of it or nothing.

        Raises
        ------
        RoundError
            If the folder may not be written, or holds a round and `overwrite` is False.
        """
        write_folder(Path(folder), self.files(), overwrite=overwrite)
        return Path(folder)

    def explain(self, household_id: str, lang: Language = "zh") -> str:
        """Return why a household was decided as it was and got what it got, as text."""
        parts = []
        if self.assessment is not None:
            parts.append(self.assessment.explain(household_id, lang))
        if self.allocation is not None and household_id in self.allocation.awards_fen.index:
            parts.append(self.allocation.explain(household_id, lang))
        return "\n".join(parts)


def run(
    tables: Tables | Mapping[str, Any] | pd.DataFrame | str | Path,
    pack: Pack | str | Path,
    fund_fen: int,
    *,
    on: dt.date | str,
    method: str = "proportional",
    rounding: str = "largest_remainder",
    unit_fen: int = 1,
    surplus: str = "error",
    progress: Progress | None = None,
) -> Round:
    """Judge every household by a pack and divide the fund among the eligible ones.

    Parameters
    ----------
    tables : Tables, or anything that `read_tables` takes
    pack : Pack, or a name or folder that `load_pack` takes
    fund_fen : int
        The fund, in fen.
    on : date or ISO text
        The day of the decision.
    method, rounding, unit_fen, surplus
        As in `allocate`.
    progress : callable, optional
        Called with the name of each stage as it begins.

    Returns
    -------
    Round

    Raises
    ------
    ReliefError
        A table, pack or fund that cannot be used. If no household is eligible nothing is
        divided and ``Round.allocation`` is None.
    """
    tell = progress or (lambda _stage: None)
    fund = read_fund(fund_fen)
    options: dict[str, Any] = {"method": method, "rounding": rounding, "unit_fen": read_unit(unit_fen, fund)}
    terms = {"surplus": surplus} if surplus != "error" else {}
    tell("stage.read")
    rules = pack if isinstance(pack, Pack) else load_pack(pack)
    read = read_tables(tables)
    tell("stage.judge")
    judged = assess(read, rules, on=on)
    tell("stage.divide")
    plan = _divided(judged, fund, options | terms) if len(judged.claims_fen) else None
    home = judged.decisions["district"]
    return Round(
        kind="round",
        tables=judged.tables,
        assessment=judged,
        allocation=plan,
        districts=_districts(plan, home, rules.districts),
        quarantine=judged.quarantine,
        call={**_call(fund, options, terms), "on": judged.on.isoformat()},
        pack=rules,
        household_districts=home,
        rows_in=judged.rows_in,
    )


def split(
    tables: Tables | Mapping[str, Any] | pd.DataFrame | str | Path,
    fund_fen: int,
    *,
    districts: Pack | str | Path = HOME_PACK,
    any_district: bool = False,
    method: str = "proportional",
    rounding: str = "largest_remainder",
    unit_fen: int = 1,
    certificate: bool = False,
    progress: Progress | None = None,
    **terms: Any,
) -> Round:
    """Divide a fund over a roster that is recognised already; nobody is judged.

    Parameters
    ----------
    tables : Tables, or anything that `read_tables` takes
        Households with an id and an out-of-pocket cost. A row whose cost or id cannot be used is
        set aside and the whole fund goes to the rest.
    fund_fen : int
        The fund, in fen.
    districts : Pack, or a name or folder that `load_pack` takes
        Whose districts the roster's are; ``"any"`` takes them as written.
    any_district : bool
        The same as ``districts="any"``.
    method, rounding, unit_fen, progress
        As in `run`.
    certificate : bool
        Also keep `Allocation.certificate` in the round's folder.
    **terms
        What else `allocate` takes: `floors_fen`, `caps_fen`, `paid_fen`, `groups`,
        `group_funds_fen`, `sources_fen`, `surplus`, `shortage`, `weights`, `categories`,
        `amounts_fen`, `brackets`, `order`, `within`, `allow_above_claim`. Where that is one value
        by household, here it is the header of a column of the roster; a bound may also be an int,
        the same for all. A blank amount is no bound, or nothing paid; a row with a blank group,
        category or weight is set aside.

    Returns
    -------
    Round

    Examples
    --------
    >>> import pandas as pd
    >>> roster = pd.DataFrame({"户编号": ["a", "b"], "个人自付": [100, 300], "封顶（元）": ["", "120"]})
    >>> split(roster, 200_00, caps_fen="封顶").allocation.awards_fen.to_dict()
    {'a': 8000, 'b': 12000}
    """
    tell = progress or (lambda _stage: None)
    fund = read_fund(fund_fen)
    options: dict[str, Any] = {"method": method, "rounding": rounding, "unit_fen": read_unit(unit_fen, fund)}
    arguments.check_names(terms)
    terms = {name: value for name, value in terms.items() if value is not None}
    tell("stage.read")
    roster = read_roster(tables, districts, any_district=any_district, terms=terms)
    tell("stage.divide")
    plan = _divided_roster(roster, fund, options | roster.terms)
    return Round(
        kind="split",
        tables=roster.tables,
        assessment=None,
        allocation=plan,
        districts=_districts(plan, roster.home, roster.districts),
        quarantine=roster.quarantine,
        call={
            **_call(fund, options, terms),
            "any_district": roster.any_district,
            **({"certificate": True} if certificate else {}),
        },
        pack=roster.pack,
        household_districts=roster.home,
        rows_in=roster.rows_in,
    )


def _divided_roster(roster: Roster, fund_fen: int, options: dict[str, Any]) -> Allocation:
    """Divide, and where that cannot be, say how many rows were set aside and why the first was."""
    claims, aside = roster.claims_fen, roster.quarantine
    first = f"{aside['problem'].iloc[0]}。{aside['cure'].iloc[0]}" if len(aside) else "—"
    if claims.empty:
        raise ClaimsError("split.nothing_left", aside=len(aside), first=first)
    try:
        return allocate(claims, fund_fen, **options)
    except SurplusError as error:
        if error.code != "allocation.surplus_claims" or options["unit_fen"] > 1:
            raise
        total = f"{yuan(int(claims.astype(object).sum())):,}"
        raise SurplusError(
            "split.surplus",
            fund=f"{yuan(fund_fen):,}", claims=total, rows=len(claims), aside=len(aside), first=first,
        ) from error  # fmt: skip


def _divided(judged: Assessment, fund_fen: int, options: dict[str, Any]) -> Allocation:
    try:
        return allocate(judged.claims_fen, fund_fen, **options)
    except SurplusError as error:
        pending = judged.decisions.loc[judged.decisions["outcome"] == "pending", "claim_fen"]
        raise SurplusError(
            "run.surplus",
            fund=f"{yuan(fund_fen):,}",
            claims=f"{yuan(int(judged.claims_fen.astype(object).sum())):,}",
            eligible=judged.counts["eligible"], pending=judged.counts["pending"],
            pending_claims=f"{yuan(int(pending.dropna().astype(object).sum())):,}",
            **summary.titles_of_claim(judged.pack),
        ) from error  # fmt: skip


def _districts(plan: Allocation | None, home: pd.Series[Any], districts: Sequence[District]) -> pd.DataFrame:
    names = [district.name for district in districts]
    if plan is None:
        empty = pd.Series(dtype="int64", index=pd.Index([], dtype=object))
        return summarise(empty, empty, pd.Series(dtype=object, index=empty.index), names)
    homes = home.reindex(plan.awards_fen.index).astype(object)
    table = plan.by(homes, names or None)
    for source in plan.by_source.columns:
        paid = summarise(plan.claims_fen, plan.by_source[source], homes, names or None)
        table[f"from_{source}_fen"] = paid["award_fen"]
    return table


def _call(fund_fen: int, options: dict[str, Any], terms: Mapping[str, Any]) -> dict[str, Any]:
    told = {"terms": arguments.to_record(terms)} if terms else {}
    return {**options, "unit_fen": str(options["unit_fen"]), "fund_fen": str(fund_fen), **told}
