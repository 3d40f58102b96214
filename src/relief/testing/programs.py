"""Any program as an allocator: claims on its standard input, awards on its standard output.

In    a command line, in which ``{fund}`` stands for the fund; else the fund is its last argument
Out   a function from claims and a fund to awards; a process for each problem

The program reads CSV: the header ``claim_fen``, then a whole number of fen on each line. It prints
the awards in the same order, a whole number of fen on each line; a header ``award_fen`` may come first.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

from relief.errors import MethodError, ReliefError

if TYPE_CHECKING:
    from relief.testing.subject import Allocate

__all__ = ["ProgramError", "program"]

_MOST_TOLD = 200
_WHOLE = re.compile(r"[+-]?\d{1,40}")


class ProgramError(ReliefError):
    """A program that failed, ran too long, or printed something else than awards."""


def program(command: str, *, timeout_seconds: float = 10) -> Allocate:
    """Return an allocator that runs a program for each problem.

    Parameters
    ----------
    command : str
        Split into words as a shell would, but run without one.
    timeout_seconds : float
        How long one problem may take.

    Returns
    -------
    callable
        For `relief.testing.conformance`. It raises `ProgramError` where the program fails.

    Raises
    ------
    MethodError
        If the command is empty, its quotes are not closed, or there is no such program.

    Examples
    --------
    >>> import sys
    >>> code = "import sys; print(*[0 for line in list(sys.stdin)[1:]], sep=chr(10))"
    >>> program(f'{shlex.quote(sys.executable)} -c "{code}"')([3, 4], 5)
    [0, 0]
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise MethodError("conformance.quotes", command=command) from error
    if not words or shutil.which(words[0]) is None:
        raise MethodError("conformance.no_program", name=" ".join(words[:1]))

    def allocate(claims: list[int], fund: int) -> list[Any]:
        told = "".join(f"{line}\n" for line in ["claim_fen", *claims])
        return _awards(_run(_with_fund(words, fund), told, timeout_seconds))

    return allocate


def _with_fund(words: list[str], fund: int) -> list[str]:
    placed = [word.replace("{fund}", str(fund)) for word in words]
    return placed if placed != words else [*words, str(fund)]


def _run(words: list[str], told: str, timeout_seconds: float) -> str:
    try:
        done = subprocess.run(  # noqa: S603
            words, input=told.encode(), capture_output=True, timeout=timeout_seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ProgramError("conformance.program_slow", seconds=timeout_seconds) from error
    except OSError as error:
        raise ProgramError("conformance.program_failed", status="?", why=error.strerror or "") from error
    if done.returncode:
        why = done.stderr.decode("utf-8", "replace").strip().splitlines()
        told_last = why[-1][:_MOST_TOLD] if why else ""
        raise ProgramError("conformance.program_failed", status=done.returncode, why=told_last)
    return done.stdout.decode("utf-8-sig", "replace")


def _awards(printed: str) -> list[Any]:
    """Read a number per line; what is not whole stays as it is, for the promises to tell."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    if lines and lines[0].strip('"') == "award_fen":
        lines = lines[1:]
    return [_number(line) for line in lines]


def _number(line: str) -> Any:
    if _WHOLE.fullmatch(line):
        return int(line)
    try:
        return float(line)
    except ValueError:
        raise ProgramError("conformance.program_printed", line=line[:_MOST_TOLD]) from None
