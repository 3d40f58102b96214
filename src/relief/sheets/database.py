"""A database by its SQLAlchemy URL -> files, so that a round of it can be computed again without it.

In    ``sqlite:///union.db``, ``postgresql://user@host/union`` …
Out   a `Source` per table of the dictionary, with its rows as the database gave them; and one that
      says which database it was, how many rows each table had, and their hash

Tables and views are known by their names, as sheets are. Rows come in one transaction, so that
no two tables are of different moments, and are put in an order of their own: a database has none.
A password is in no message and in no file.
"""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relief.columns import TABLE_TITLES, table_named
from relief.errors import FileError, MissingExtraError, ReliefError, StoreError
from relief.messages import mask
from relief.sheets.frames import cells_source
from relief.sheets.plain import exact
from relief.sheets.sheet import MOST_COLUMNS, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["connected", "is_store", "is_url", "read_database", "shown_url", "store_notes", "tables_in"]

_SCHEME = re.compile(r"([a-z][a-z0-9_]*)(?:\+[a-z0-9_]+)?://", re.IGNORECASE)
_STORE = ".store.json"
_POSTGRESQL = ("postgresql", "postgres")
_MOST_NAMED = 20


def is_url(source: object) -> bool:
    """Return whether a text names a database and no file.

    Examples
    --------
    >>> is_url("sqlite:///union.db"), is_url("申请.xlsx"), is_url("C:/申请.xlsx")
    (True, False, False)
    """
    return isinstance(source, str) and _SCHEME.match(source) is not None


def is_store(source: Source) -> bool:
    """Return whether a file only says which database others came from."""
    return source.name.endswith(_STORE)


def store_notes(sources: Sequence[Source]) -> list[dict[str, Any]]:
    """Return what is told of the databases that some files came from: URL, rows and hash of each table."""
    return [json.loads(source.data) for source in sources if is_store(source)]


# --- reading ------------------------------------------------------------------------------------


def read_database(url: str) -> list[Source]:
    """Read the tables and views of a database that the dictionary knows.

    Raises
    ------
    StoreError
        If it cannot be reached or read, or nothing in it is called as households are.
    MissingExtraError
        If SQLAlchemy, or the driver of PostgreSQL, is not installed.
    """
    with connected(url) as connection:
        names = tables_in(connection)
        known = [name for name in names if table_named(name)]
        if "households" not in map(table_named, known):
            raise StoreError(
                "store.no_households", url=shown_url(url), found="、".join(names[:_MOST_NAMED]) or "—",
                known="、".join(("households", *TABLE_TITLES["households"])),
            )  # fmt: skip
        read = {name: _rows(connection, name) for name in known}
    sources = {name: cells_source(name, columns) for name, columns in read.items()}
    shown = shown_url(url)
    about = {
        "url": shown,
        "tables": {
            name: {"rows": len(read[name][0][1]) if read[name] else 0, "sha256": source.sha256}
            for name, source in sources.items()
        },
    }
    note = json.dumps(about, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    return [*sources.values(), Source(f"{_file_name(shown)}{_STORE}", note.encode())]


def tables_in(connection: Any) -> list[str]:
    """Return the names of the tables and views that a connection sees without naming a schema."""
    import sqlalchemy as sa

    found = sa.inspect(connection)
    names = found.get_table_names() + found.get_view_names()
    if connection.dialect.name == "postgresql":
        names += found.get_materialized_view_names()
    return sorted(map(str, names))


def _rows(connection: Any, name: str) -> list[tuple[str, list[Any]]]:
    import sqlalchemy as sa

    # Not by the declared types: what a column holds that is no date is a fault of a cell, not of the table.
    table = sa.table(sa.sql.quoted_name(name, quote=True))
    found = connection.execute(sa.select(sa.text("*")).select_from(table))
    headers = list(map(str, found.keys()))
    if len(headers) > MOST_COLUMNS:
        raise FileError("file.too_wide", name=name, width=len(headers), most=MOST_COLUMNS)
    rows = sorted((tuple(map(exact, row)) for row in found), key=_rank)
    columns = map(list, zip(*rows, strict=True)) if rows else ([] for _ in headers)
    return list(zip(headers, columns, strict=True))


def _rank(row: tuple[Any, ...]) -> list[tuple[int, Any, str]]:
    """Return where a row goes: numbers as numbers, then what is written, then what is not known."""
    return [
        (1, cell, "") if type(cell) is str
        else (2, "", "") if cell is None
        else (0, cell, type(cell).__name__) if isinstance(cell, (int, float))
        else (1, str(cell), type(cell).__name__)
        for cell in row
    ]  # fmt: skip


# --- connecting ---------------------------------------------------------------------------------


@contextmanager
def connected(url: str, *, write: bool = False) -> Iterator[Any]:
    """Connect to a database for one transaction: all of it is done, or nothing.

    Raises
    ------
    StoreError
        If it cannot be reached, or what is done in it fails.
    MissingExtraError
        If SQLAlchemy, or the driver of PostgreSQL, is not installed.
    """
    engine = _engine(url, write=write)
    shown = shown_url(url)
    try:
        connection = engine.connect()
    except Exception as error:
        # Each driver has errors of its own; their texts name hosts and users, and no password once veiled.
        why = _veiled(str(getattr(error, "orig", error)), url)
        raise StoreError("store.cannot_connect", url=shown, why=why) from None
    with connection:
        try:
            with _prepared(connection, write=write).begin():
                yield connection
        except ReliefError:
            raise
        except Exception as error:
            # The text of such an error holds rows.
            code = "store.cannot_write" if write else "store.cannot_read"
            raise StoreError(code, url=shown, why=_kind(error)) from None


def _engine(url: str, *, write: bool) -> Any:
    made, sa = _made(url), _sqlalchemy()
    is_sqlite = made.get_backend_name() == "sqlite"
    if is_sqlite and not write:
        _check_is_there(made)
    try:
        engine = sa.create_engine(made, poolclass=sa.pool.NullPool, hide_parameters=True)
    except sa.exc.NoSuchModuleError:
        raise StoreError("store.no_dialect", scheme=made.drivername) from None
    except ModuleNotFoundError as error:
        if made.get_backend_name() == "postgresql":
            raise MissingExtraError("extra.missing", what=str(error.name), extra="sql") from error
        raise StoreError("store.no_driver", scheme=made.drivername, package=str(error.name)) from None
    if is_sqlite:
        # Left to itself Python's driver begins no transaction before a SELECT or a CREATE TABLE.
        sa.event.listen(engine, "connect", lambda driver, _: setattr(driver, "isolation_level", None))
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _prepared(connection: Any, *, write: bool) -> Any:
    if connection.dialect.name == "postgresql" and not write:
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return connection


def _check_is_there(made: Any) -> None:
    """Refuse a file that is not there: SQLite would make an empty one."""
    name = made.database or ":memory:"
    if name != ":memory:" and not name.startswith("file:") and not Path(name).is_file():
        raise StoreError("store.not_found", name=name)


def _sqlalchemy() -> Any:
    try:
        import sqlalchemy
    except ImportError as error:
        raise MissingExtraError("extra.missing", what="SQLAlchemy (SQL)", extra="sql") from error
    return sqlalchemy


def _made(url: str) -> Any:
    """Return the URL in its parts.

    Raises
    ------
    StoreError
        If it is none, or an unescaped @ would make a part of the password one of the host.
    """
    scheme = _SCHEME.match(url)
    sa = _sqlalchemy()
    try:
        made = sa.engine.make_url(url)
    except Exception:
        made = None
    if scheme is None or made is None or "@" in (made.host or ""):
        raise StoreError("store.no_url", scheme=scheme[1] if scheme else "") from None
    if made.drivername in _POSTGRESQL:
        made = made.set(drivername="postgresql+psycopg")
    return made


# --- what may be shown ----------------------------------------------------------------------------


def shown_url(url: str) -> str:
    """Return a URL as it may be shown and kept: no password, no options, of a file only its name.

    Examples
    --------
    >>> shown_url("postgresql://relief:s3cret@db.example/union?sslmode=require")
    'postgresql://relief:***@db.example/union'
    >>> shown_url("sqlite:////home/li/union.db")
    'sqlite:///union.db'
    """
    made = _made(url)
    name = made.get_backend_name()
    if name == "sqlite":
        return f"sqlite:///{Path(made.database or '').name.partition('?')[0]}"
    return str(made.set(drivername=name, query={}).render_as_string(hide_password=True))


def _file_name(shown: str) -> str:
    return re.sub(r"[^\w.-]", "_", shown.rpartition("/")[2]) or "database"


def _veiled(text: str, url: str) -> str:
    """Return the first line of a driver's error without the secrets of the URL."""
    made = _made(url)
    secrets = [made.password, *(value for key, value in made.query.items() if "pass" in key.lower())]
    line = text.strip().partition("\n")[0]
    for secret in sorted(filter(None, map(str, filter(None, secrets))), key=len, reverse=True):
        line = line.replace(secret, "***")
    return mask(line)[:300]


def _kind(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    state = getattr(cause, "sqlstate", None)
    return f"{type(cause).__name__} {state}" if state else type(cause).__name__
