"""One invented household, filled in: what the template shows, and nothing that is ever read as a record.

In    ``example.toml``
Out   its rows by table; the value that explains a column
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

__all__ = ["example_of", "examples"]

Row = dict[str, str]


def examples(household_id: str | None = None) -> dict[str, list[Row]]:
    """Return the rows by table and column: amounts in yuan, areas in square metres, all as text.

    Parameters
    ----------
    household_id : str, optional
        An id that is read, in place of the one that marks them as examples.

    Examples
    --------
    >>> examples()["households"][0]["household_id"], len(examples()["members"])
    ('示例001', 3)
    """
    if household_id is None:
        return _shipped()
    own = {"household_id": household_id}
    return {table: [row | own for row in rows] for table, rows in _shipped().items()}


@cache
def _shipped() -> dict[str, list[Row]]:
    return tomllib.loads(files("relief.template").joinpath("example.toml").read_text("utf-8"))


def example_of(table: str, name: str) -> str:
    """Return the first value that the example has for a column, empty where it has none."""
    return next((row[name] for row in examples()[table] if name in row), "")
