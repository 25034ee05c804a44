"""A real PostgreSQL for tests: a server of its own on a free port, gone with its tests."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psycopg
import pytest
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["PostgresServer", "run_postgres"]

_MISSING: Final = "initdb is missing"
_PLACES: Final = "/usr/lib/postgresql"
_MEMORY: Final = "/dev/shm"  # noqa: S108 - the folder inside is new
_PASSWORD: Final = "not the one of any other place"
_OPTIONS: Final = {
    "listen_addresses": "'127.0.0.1'",
    "unix_socket_directories": "''",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "autovacuum_naptime": "5min",
    "log_min_messages": "warning",
}


@dataclass
class PostgresServer:
    """A server that can be stopped in every way that servers stop."""

    folder: Path
    port: int = 0
    password: str = _PASSWORD

    def url(self, database: str, user: str = "postgres", password: str | None = None) -> str:
        """Where a database is, as the settings name it."""
        secret = (self.password if password is None else password).replace(" ", "%20")
        return f"postgresql://{user}:{secret}@127.0.0.1:{self.port}/{database}"

    def initialise(self) -> None:
        """Makes the files of a server."""
        secret = self.folder / "password"
        secret.write_text(self.password)
        secret.chmod(0o644)
        _own(self.folder)
        self._run(
            "initdb", "--pgdata", str(self.data), "--username", "postgres", "--auth",
            "scram-sha-256", "--pwfile", str(secret), "--encoding", "UTF8", "--no-locale",
            "--no-sync", "--wal-segsize", "4",
        )  # fmt: skip
        with (self.data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in _OPTIONS.items())

    def start(self) -> None:
        """Starts it; the second time on the port of the first."""
        for _ in range(5):
            port = self.port or _free_port()
            with suppress(subprocess.CalledProcessError):
                self._run(
                    "pg_ctl", "--pgdata", str(self.data), "--wait", "--timeout", "30",
                    "--log", str(self.folder / "server.log"), "--options", f"-p {port}", "start",
                )  # fmt: skip
                self.port = port
                return
        raise AssertionError("PostgreSQL did not start")

    def stop(self, mode: str = "immediate") -> None:
        """Ends it: ``immediate`` as a power cut would, ``fast`` in order."""
        self._run("pg_ctl", "--pgdata", str(self.data), "--wait", "--mode", mode, "stop")

    def freeze(self) -> None:
        """Lets it accept connections and answer nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets it go on."""
        self._signal(signal.SIGCONT)

    def encrypt(self, certificate: Path, key: Path) -> None:
        """Lets it show a certificate from now on."""
        for source, name in ((certificate, "server.crt"), (key, "server.key")):
            file = self.data / name
            file.write_bytes(source.read_bytes())
            file.chmod(0o600)
        _own(self.data)
        self.execute("postgres", "ALTER SYSTEM SET ssl = on")
        self.stop("fast")
        self.start()

    @property
    def data(self) -> Path:
        """Where its files are."""
        return self.folder / "data"

    @property
    def running(self) -> bool:
        """Whether it is there."""
        return (self.data / "postmaster.pid").exists()

    def make(self) -> str:
        """A new, empty database; gives its name."""
        name = f"db_{secrets.token_hex(6)}"
        self.execute("postgres", sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return name

    def drop(self, database: str) -> None:
        """Takes a database away, whoever uses it."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self.execute("postgres", statement.format(sql.Identifier(database)))

    def execute(
        self, database: str, statement: sql.SQL | sql.Composed | str, values: Sequence[Any] = ()
    ) -> list[tuple[Any, ...]]:
        """Does what the owner of the server can do."""
        url = self.url(database)
        with psycopg.connect(url, autocommit=True) as connection:
            # Statements of tests are constants.
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def _signal(self, number: int) -> None:
        main = int((self.data / "postmaster.pid").read_text().split("\n")[0])
        for process in [main, *_children(main)]:
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def _run(self, *command: str) -> None:
        program, *rest = command
        # It refuses root; what it starts writes to the log and not to a pipe that nobody closes.
        as_user = ["runuser", "-u", _user(), "--"] if os.geteuid() == 0 else []
        with (self.folder / "log").open("ab") as log:
            subprocess.run(
                [*as_user, _program(program), *rest],
                check=True,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )


@contextmanager
def run_postgres(place: Path | None = None) -> Iterator[PostgresServer]:
    """A running server with its files in a folder of its own; skips where there is no PostgreSQL.

    With ``CI=true`` the test fails instead.

    Args:
        place: Where the folder is made.
    """
    _program("initdb")
    # In memory where there is such a place: a test waits for no disk, and the server knows no less.
    if place is None and os.access(_MEMORY, os.W_OK):
        place = Path(_MEMORY)
    with tempfile.TemporaryDirectory(prefix="postgres-", dir=place) as name:
        server = PostgresServer(Path(name))
        server.initialise()
        server.start()
        try:
            yield server
        finally:
            if server.running:
                server.thaw()
                server.stop()


def _children(main: int) -> list[int]:
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(main)], check=False, capture_output=True, text=True
    )
    return [int(word) for word in found.stdout.split()]


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        places = sorted(Path(_PLACES).glob(f"*/bin/{name}"), reverse=True)
        found = str(places[0]) if places else None
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(_MISSING)
        pytest.skip(_MISSING)
    return found


def _user() -> str:
    """Who runs the server where the tests run as root."""
    with suppress(KeyError):
        return pwd.getpwnam("postgres").pw_name
    return "nobody"


def _own(folder: Path) -> None:
    if os.geteuid() == 0:
        found = pwd.getpwnam(_user())
        for path in (folder, *folder.iterdir()):
            os.chown(path, found.pw_uid, found.pw_gid)


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
