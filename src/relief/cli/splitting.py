"""How a call says how to divide: its options, the tiers of a file, and the command that compares."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from relief.console import AsJson, Lang, check_lang, print_json, spoken, t
from relief.errors import FileError, MethodError, MoneyError, PackError, ReliefError, TableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd

    from relief.comparison import Comparison
    from relief.judging.roster import Roster

__all__ = [
    "BY_COLUMN", "AboveClaim", "Amount", "Cap", "Category", "Certificate", "Floor", "Group", "GroupFund",
    "GroupFunds", "Method", "Order", "Paid", "Rounding", "Shortage", "Source", "Surplus", "Tiers", "Weight",
    "Within", "compare_command", "divided", "in_options", "terms_of",
]  # fmt: skip


def _option(name: str, metavar: str, code: str) -> Any:
    return typer.Option(name, metavar=metavar, help=t(code))


Method = Annotated[str, _option("--method", "NAME", "cli.help.method")]
Rounding = Annotated[str, _option("--rounding", "NAME", "cli.help.rounding")]
Surplus = Annotated[str, _option("--surplus", "error|return", "cli.help.surplus")]
Shortage = Annotated[str | None, _option("--shortage", "error|scale", "cli.help.shortage")]
Floor = Annotated[str | None, _option("--floor", "YUAN|COLUMN", "cli.help.floor")]
Cap = Annotated[str | None, _option("--cap", "YUAN|COLUMN", "cli.help.cap")]
Paid = Annotated[str | None, _option("--paid", "COLUMN", "cli.help.paid")]
Group = Annotated[str | None, _option("--group", "COLUMN", "cli.help.group")]
GroupFund = Annotated[list[str] | None, _option("--group-fund", "NAME=YUAN", "cli.help.group_fund")]
GroupFunds = Annotated[str | None, _option("--group-funds", "claims", "cli.help.group_funds")]
Source = Annotated[list[str] | None, _option("--source", "NAME=YUAN", "cli.help.source")]
Category = Annotated[str | None, _option("--category", "COLUMN", "cli.help.category")]
Amount = Annotated[list[str] | None, _option("--amount", "NAME=YUAN", "cli.help.amount")]
Order = Annotated[str | None, _option("--order", "A,B", "cli.help.order")]
Within = Annotated[str | None, _option("--within", "NAME", "cli.help.within")]
Weight = Annotated[str | None, _option("--weight", "COLUMN", "cli.help.weight")]
AboveClaim = Annotated[bool, typer.Option("--allow-above-claim", help=t("cli.help.allow_above_claim"))]
Certificate = Annotated[bool, typer.Option("--certificate", help=t("cli.help.certificate"))]
Tiers = Annotated[Path | None, _option("--tiers", "FILE", "cli.help.tiers")]

BY_COLUMN = ("weighted", "flat_by_category", "by_priority", "tiered")
"""Methods that go by what only `relief allocate` is told."""

_OPTIONS = {
    "weights": "--weight", "categories": "--category", "amounts_fen": "--amount", "brackets": "--tiers",
    "order": "--order", "shortage": "--shortage", "groups": "--group",
    "group_funds_fen": "--group-fund / --group-funds", "surplus": "--surplus",
}  # fmt: skip
_WORDS = {
    "caps_fen": "--cap", "floors_fen": "--floor", "paid_fen": "--paid", "sources_fen": "--source",
    "group_funds_fen": "--group-fund", "amounts_fen": "--amount", "surplus='return'": "--surplus return",
    "shortage='scale'": "--shortage scale",
}  # fmt: skip
_LARGEST = 2**20
_KEYS = {
    "from": "from", "起点": "from", "share": "share", "比例": "share", "amount": "amount", "定额": "amount",
    "included": "included", "含起点": "included",
}  # fmt: skip
_TRUE, _FALSE = {"yes", "true", "是", "含", "1"}, {"no", "false", "否", "不含", "0"}


def terms_of(
    *, surplus: str = "error", shortage: str | None = None, floor: str | None = None, cap: str | None = None,
    paid: str | None = None, group: str | None = None, group_fund: list[str] | None = None,
    group_funds: str | None = None, source: list[str] | None = None, category: str | None = None,
    amount: list[str] | None = None, order: str | None = None, within: str | None = None,
    weight: str | None = None, tiers: Path | None = None, above_claim: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Return the options that were given as keywords of `relief.split`.

    Raises
    ------
    ReliefError
        If an option is not what it should be.
    """
    if group_fund and group_funds:
        raise ReliefError("cli.group_funds")
    terms = {
        "surplus": surplus if surplus != "error" else None,
        "shortage": shortage,
        "floors_fen": _bound(floor),
        "caps_fen": _bound(cap),
        "paid_fen": paid,
        "groups": group,
        "group_funds_fen": _pairs("--group-fund", group_fund) or group_funds,
        "sources_fen": _pairs("--source", source),
        "categories": category,
        "amounts_fen": _pairs("--amount", amount),
        "order": _listed(order) if order is not None else None,
        "within": within,
        "weights": weight,
        "brackets": read_tiers(tiers) if tiers is not None else None,
        "allow_above_claim": above_claim or None,
    }
    return {name: value for name, value in terms.items() if value is not None}


def in_options(text: str) -> str:
    """Return what an error says with the arguments of `allocate` by the names of their options."""
    for word, option in _WORDS.items():
        text = text.replace(word, option)
    return text


def divided(divide: Callable[[], Any]) -> Any:
    """Call `divide`; an argument that it lacks or has no use for is named as the call names it."""
    try:
        return divide()
    except MethodError as error:
        name = error.facts.get("argument")
        if name in _OPTIONS:
            raise MethodError(error.code, **{**error.facts, "argument": _OPTIONS[name]}) from error
        raise


def _bound(text: str | None) -> int | str | None:
    """Return an amount in fen, or what is none as the header of a column."""
    from relief.money import fen

    if text is None:
        return None
    try:
        return fen(text)
    except MoneyError as error:
        if error.code == "money.not_an_amount":
            return text
        raise


def _pairs(option: str, texts: list[str] | None) -> dict[str, int] | None:
    from relief.money import fen

    pairs: dict[str, int] = {}
    for text in texts or ():
        name, found, amount = text.rpartition("=")
        name = name.strip()
        if not found or not name:
            raise ReliefError("cli.pair", option=option, value=text)
        if name in pairs:
            raise ReliefError("cli.pair_twice", option=option, name=name)
        pairs[name] = fen(amount)
    return pairs or None


def _listed(text: str) -> list[str]:
    return [word for word in (part.strip() for part in text.replace("，", ",").split(",")) if word]


# --- tiers from a file ----------------------------------------------------------------------------


def read_tiers(path: Path) -> list[dict[str, Any]]:
    """Read the brackets of a YAML or CSV file, amounts in yuan.

    Raises
    ------
    FileError
        If it cannot be read as a list of brackets.
    """
    try:
        data = path.read_bytes() if path.stat().st_size <= _LARGEST else b""
        rows = _csv_rows(data) if path.suffix.lower() == ".csv" else _yaml_rows(path.name, data)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "UTF-8"
        raise FileError("tiers.no_file", name=path.name, why=why) from error
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise FileError("tiers.no_list", name=path.name)
    return [_tier(path.name, number, row) for number, row in enumerate(rows, start=1)]


def _csv_rows(data: bytes) -> list[dict[str, Any]]:
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    return [{str(key): value for key, value in row.items() if value} for row in rows]


def _yaml_rows(name: str, data: bytes) -> Any:
    from relief.rulepack.document import read_document

    try:
        content = read_document(name, data).content
    except PackError as error:
        if error.code != "pack.not_a_mapping":
            raise
        return None
    return content["tiers"] if content.keys() == {"tiers"} else None


def _tier(name: str, number: int, row: dict[str, Any]) -> dict[str, Any]:
    from fractions import Fraction

    from relief.money import fen

    tier: dict[str, Any] = {}
    for written, value in row.items():
        key, text = _KEYS.get(written.strip().partition("（")[0].partition("(")[0]), str(value).strip()
        try:
            if key in ("from", "amount"):
                tier[f"{key}_fen"] = fen(text)
            elif key == "share":
                percent = text.endswith("%")
                tier["share"] = str(Fraction(text.removesuffix("%")) / (100 if percent else 1))
            elif key == "included" and text.lower() in _TRUE | _FALSE:
                tier["included"] = text.lower() in _TRUE
            else:
                raise ValueError(text)
        except (ValueError, ZeroDivisionError) as error:
            raise FileError("tiers.wrong", name=name, number=number, key=written, value=text) from error
    if "from_fen" not in tier:
        raise FileError("tiers.wrong", name=name, number=number, key="from", value="")
    return tier


# --- side by side ---------------------------------------------------------------------------------


def compare_command(
    source_file: Annotated[str, typer.Argument(metavar="FILE", help=t("cli.help.input"))],
    fund: Annotated[str, _option("--fund", "YUAN", "cli.help.fund")],
    methods: Annotated[str, _option("--methods", "A,B,C", "cli.help.methods")],
    roundings: Annotated[str, _option("--roundings", "A,B", "cli.help.roundings")] = "largest_remainder",
    funds: Annotated[str, _option("--funds", "YUAN,YUAN", "cli.help.funds")] = "",
    districts: Annotated[str, _option("--districts", "PACK|any", "cli.help.districts")] = "jiangmen-2021",
    unit: Annotated[str, _option("--unit", "YUAN", "cli.help.unit")] = "0.01",
    surplus: Surplus = "error", shortage: Shortage = None, floor: Floor = None, cap: Cap = None,
    paid: Paid = None, category: Category = None, amount: Amount = None, order: Order = None,
    within: Within = None, weight: Weight = None, tiers: Tiers = None, above_claim: AboveClaim = False,
    out: Annotated[Path | None, _option("--out", "FILE", "cli.help.compare_out")] = None,
    as_json: AsJson = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """Divide one roster in several ways and tell them apart."""
    check_lang(lang)
    from relief.comparison import compare, plain_rows
    from relief.judging.roster import read_roster
    from relief.money import fen

    terms = terms_of(
        surplus=surplus, shortage=shortage, floor=floor, cap=cap, paid=paid, category=category,
        amount=amount, order=order, within=within, weight=weight, tiers=tiers,
        above_claim=above_claim,
    )  # fmt: skip
    roster = read_roster(source_file, districts, terms=terms)
    if roster.claims_fen.empty:
        raise TableError("compare.nothing_left", aside=len(roster.quarantine))
    amounts = list(dict.fromkeys(fen(text) for text in [fund, *_listed(funds)]))
    found = cast("Comparison", divided(lambda: compare(
        roster.claims_fen, amounts, _listed(methods), _listed(roundings), unit_fen=fen(unit), **roster.terms
    )))  # fmt: skip
    by_district = found.by(roster.home, [district.name for district in roster.districts] or None)
    status = 1 if len(roster.quarantine) else 0
    if out is not None:
        _write(out, found, roster)
    if as_json:
        plain = {"status": status, "quarantined": len(roster.quarantine), **found.plain()}
        print_json({**plain, "districts": plain_rows(by_district)})
        return status
    for line in _lines(found, by_district, roster):
        typer.echo(line)
    if out is not None:
        typer.echo(t("compare.written", name=str(out)))
    return status


def _lines(found: Comparison, by_district: pd.DataFrame, roster: Roster) -> Iterable[str]:
    yield from found.lines(spoken())
    for code, table in (("compare.district", by_district), ("compare.deciles", found.deciles)):
        yield from ("", t(code), *_table_lines(table))
    if len(roster.quarantine):
        yield t("compare.aside", count=len(roster.quarantine))
    yield t("compare.packs")


def _table_lines(table: pd.DataFrame) -> Iterable[str]:
    """Return sums by division as aligned text, in yuan."""
    from relief.money import yuan
    from relief.round.summary import aligned

    names = {name: t(f"compare.column.{name}") for name in ("households", "claim_fen")}
    header = ["", *(names.get(str(name), str(name)) for name in table.columns)]
    rows = [
        [str(label), str(row.pop("households")), *(f"{yuan(int(fen)):,}" for fen in row.values())]
        for label, row in table.to_dict("index").items()
    ]
    return aligned([header, *rows])


def _write(out: Path, found: Comparison, roster: Roster) -> None:
    from relief.round.outputs import compared_csv

    try:
        with out.open("xb") as file:
            file.write(compared_csv(found.claims_fen, found.awards_fen, roster.home))
    except OSError as error:
        raise ReliefError("cli.cannot_write", name=str(out), why=error.strerror or str(error)) from error
