"""A PostgreSQL of the tests' own: a new cluster in a folder that is removed, on a free port of this machine.

Where there is no server a test is skipped with the reason; with RELIEF_NEEDS_POSTGRES set it fails,
so that nothing believes it was tried when it was not. ``tools/install-postgres.sh`` installs one.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECONDS = 30
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True)
class Server:
    """A server that runs, and its only user's password."""

    port: int
    password: str

    def url(self, database: str = "postgres", password: str | None = None) -> str:
        """Return the URL of a database here, with its password or another."""
        return f"postgresql://relief:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Run a statement as the superuser of this cluster."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    def new_database(self) -> str:
        """Create a database and return its URL."""
        name = f"t{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)


@contextlib.contextmanager
def private_server() -> Iterator[Server]:
    """Start a cluster as a user that is not root, and stop it with all it holds."""
    pytest.importorskip("psycopg", reason=_lacks("psycopg"))
    bin_folder = _bin_folder()
    if bin_folder is None:
        _give_up("no PostgreSQL server is installed: tools/install-postgres.sh")
    folder = Path(tempfile.mkdtemp(prefix="relief-pg-"))
    who = _unprivileged()
    try:
        if who:
            os.chown(folder, who["user"], who["group"])
        password = secrets.token_urlsafe(16)
        (folder / "password").write_text(password, "utf-8")
        (folder / "password").chmod(0o644)
        initdb = [bin_folder / "initdb", "-D", folder / "data", "-U", "relief", "-E", "UTF8", "--locale=C"]
        auth = ["--auth=scram-sha-256", f"--pwfile={folder / 'password'}", "--no-sync"]
        subprocess.run([*initdb, *auth], check=True, capture_output=True, cwd="/", **who)
        with _running(bin_folder, folder, who) as port:
            yield Server(port, password)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _running(bin_folder: Path, folder: Path, who: dict[str, Any]) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = (*_QUICK, f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}")
    words = [word for setting in settings for word in ("-c", setting)]
    log = (folder / "log").open("wb")
    server = subprocess.Popen(
        [bin_folder / "postgres", "-D", folder / "data", *words],
        stdout=log, stderr=log, cwd="/", **who,
    )  # fmt: skip
    try:
        _wait(server, port, folder / "log")
        yield port
    finally:
        server.send_signal(signal.SIGINT)  # lets go of its clients and ends
        server.wait(_SECONDS)
        log.close()


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            if b"ready to accept connections" in log.read_bytes():
                return
        time.sleep(0.05)
    raise RuntimeError(log.read_text("utf-8", "replace"))


def _bin_folder() -> Path | None:
    """Return where the server's programs are; Debian keeps them away from the path."""
    found = [Path(path).resolve().parent for path in [shutil.which("initdb")] if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: -float(place.parent.name))
    return next(
        (place for place in found if (place / "initdb").exists() and (place / "postgres").exists()), None
    )


def _unprivileged() -> dict[str, Any]:
    """Return whom to run the server as: it refuses to run as root."""
    import pwd  # of Unix alone

    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    _give_up("the server refuses to run as root, and there is no other user here")
    return {}


def _lacks(package: str) -> str:
    return f"{package} is not installed: pip install 'relief[sql]'"


def _give_up(reason: str) -> None:
    if os.environ.get("RELIEF_NEEDS_POSTGRES"):
        pytest.fail(reason)
    pytest.skip(reason)
