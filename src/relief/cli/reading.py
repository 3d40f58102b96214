"""The command that only looks, and what every command says of what it read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relief.console import AsJson, Lang, check_lang, print_json, spoken, t
from relief.errors import ReliefError, TableError

if TYPE_CHECKING:
    from relief.intake.tables import Tables
    from relief.rulepack import Pack
    from relief.sheets.faults import Fault

__all__ = [
    "Districts",
    "From",
    "Input",
    "Map",
    "MapFile",
    "check_command",
    "chosen",
    "fault_json",
    "print_faults",
    "read_source",
]

Input = Annotated[str | None, typer.Argument(metavar="FILE", help=t("cli.help.input"))]
From = Annotated[str | None, typer.Option("--from", metavar="URL|FILE", help=t("cli.help.from"))]
Districts = Annotated[str, typer.Option("--districts", metavar="PACK|any", help=t("cli.help.districts"))]
Map = Annotated[list[str] | None, typer.Option("--map", metavar="HEADER=COLUMN", help=t("cli.help.map"))]
MapFile = Annotated[Path | None, typer.Option("--map-file", metavar="FILE", help=t("cli.help.map_file"))]
Copy = Annotated[Path | None, typer.Option("--out", metavar="FOLDER", help=t("cli.help.check_out"))]

_LEVELS = ("fault", "warning", "notice")


def check_command(
    source: Input = None, from_: From = None,
    districts: Districts = "jiangmen-2021", map_: Map = None, map_file: MapFile = None, out: Copy = None,
    as_json: AsJson = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """Read a workbook and list every fault with its place and cure."""
    check_lang(lang)
    from relief.rulepack import load_pack
    from relief.sheets.faults import in_order

    pack = None if districts == "any" else load_pack(districts)
    tables = read_source(chosen(source, from_), map_, map_file).located(pack.districts if pack else ())
    differing = _differing(tables, pack)
    found = {level: in_order(f for f in tables.faults if f.severity == level) for level in _LEVELS}
    accounted = tables.accounted()
    if out is not None:
        _write_marked(tables, out)
    if as_json:
        print_json(
            {
                "rows": {table: len(frame) for table, frame in tables.frames.items()},
                "accounted": accounted,
                "changes": [change.plain() for change in tables.changes],
                **differing,
                **{level: list(map(fault_json, faults)) for level, faults in found.items()},
            }
        )
    else:
        for table, counts in accounted.items():
            typer.echo(t("cli.rows", table=t(f"table.{table}"), **counts))
        print_changes(tables)
        print_faults(tables.faults, most=None)
        if differing:
            typer.echo(t("cli.differing", **differing))
        typer.echo(t("cli.checked", **{f"{level}s": len(faults) for level, faults in found.items()}))
    return 1 if found["fault"] or found["warning"] else 0


def chosen(source: str | None, from_: str | None) -> str:
    """Return what to read: named as the argument or after ``--from``, never both."""
    if (source is None) == (from_ is None):
        raise ReliefError("cli.one_source")
    return source or from_ or ""


def _differing(tables: Tables, pack: Pack | None) -> dict[str, int]:
    """Return how many answers of departments differ from a statement; nothing where there are none."""
    if "registry" not in tables:
        return {}
    from relief.judging.crosscheck import attributed
    from relief.judging.statements import answers
    from relief.rulepack.crosschecks import USUAL, comparisons

    checks = USUAL if pack is None else comparisons(pack)
    found = list(answers(attributed(tables), checks))
    return {"answers": len(found), "differing": sum(answer.differs for answer in found)}


def read_source(source: str, pairs: list[str] | None, file: Path | None) -> Tables:
    """Read what a call names, with the mapping that it gives, remembers, or finds beside the workbook."""
    from relief.intake.mapping import NAME, mapping_source
    from relief.intake.tables import parse
    from relief.sheets.database import is_url, read_database
    from relief.sheets.files import read_sources
    from relief.sheets.sheet import Source

    place = file or _beside(source)
    found = read_database(source) if is_url(source) else read_sources(source)
    sources = [read for read in found if place is None or read.name != place.name]
    told = _remembered(place) if place and (place.exists() or (file and not pairs)) else {}
    told |= dict(map(_pair, pairs or ()))
    if told:
        mapping = mapping_source(NAME, told)
        if pairs and place:
            _write(place, mapping.data)
        sources.append(Source(_free(mapping.name, [found.name for found in sources]), mapping.data))
    return parse(sources)


def _remembered(place: Path) -> dict[str, str]:
    """Read a mapping, whatever its file is called."""
    from relief.intake.mapping import ENDING, mapping_of
    from relief.sheets.files import read_sources
    from relief.sheets.sheet import Source

    name = place.name if place.name.endswith(ENDING) else place.name + ENDING
    return mapping_of(Source(name, source.data) for source in read_sources(place))


def _beside(source: str) -> Path | None:
    """Return where a mapping is remembered: beside a file or in a folder, of a database nowhere."""
    from relief.intake.mapping import ENDING, NAME
    from relief.sheets.database import is_url

    if is_url(source):
        return None
    place = Path(source)
    return place / NAME if place.is_dir() else place.with_name(place.name + ENDING)


def _free(name: str, taken: list[str]) -> str:
    return name if name not in taken else _free(f"_{name}", taken)


def _pair(text: str) -> tuple[str, str]:
    header, equals, column = text.rpartition("=")
    if not (header.strip() and equals and column.strip()):
        raise TableError("map.not_a_pair", value=text)
    return header.strip(), column.strip()


def _write_marked(tables: Tables, folder: Path) -> None:
    """Write a marked copy of each file; one that is there is never replaced."""
    from relief.intake.marking import marked

    for name, data in marked(tables, spoken()).items():
        _write(folder / name, data, is_new=True)
        typer.echo(t("cli.marked", name=str(folder / name)), err=True)


def _write(place: Path, data: bytes, *, is_new: bool = False) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb" if is_new else "wb") as file:
            file.write(data)
    except OSError as error:
        raise ReliefError("cli.cannot_write", name=str(place), why=error.strerror or str(error)) from error


def print_changes(tables: Tables) -> None:
    """Print what reading changed, a line each; nothing where all was read as it stood."""
    if tables.changes:
        typer.echo(t("cli.changes", count=len(tables.changes)))
    for change in tables.changes:
        typer.echo(t("cli.change", what=change.sentence(spoken())))


def fault_json(fault: Fault) -> dict[str, Any]:
    """Return a finding as plain data."""
    from relief.messages import mask

    return {
        "severity": fault.severity, "code": fault.code, "source": fault.source, "sheet": fault.sheet,
        "row": fault.row, "column": fault.column, "header": fault.header,
        "household_id": mask(fault.household_id), "value": fault.value,
        "problem": fault.problem(spoken()), "cure": fault.cure(spoken()),
    }  # fmt: skip


def print_faults(
    faults: tuple[Fault, ...], *, most: int | None, aside: frozenset[object] | None = None
) -> None:
    """Print faults, the worst first, then by sheet and row; say which set a row aside, where it is known."""
    from relief.sheets.faults import in_order

    ordered = [f for level in ("fault", "warning", "notice") for f in in_order(faults) if f.severity == level]
    for fault in ordered[:most]:
        typer.echo(t("cli.fault", level=t(f"cli.level.{_level(fault, aside)}"), place=fault.place(spoken()),
                      problem=fault.problem(spoken()), cure=fault.cure(spoken())))  # fmt: skip
    if most is not None and len(ordered) > most:
        typer.echo(t("cli.more_faults", count=len(ordered) - most))


def _level(fault: Fault, aside: frozenset[object] | None) -> str:
    if aside is None or fault.severity != "fault":
        return fault.severity
    return "aside" if fault.at in aside or fault.household_id in aside else "used"
