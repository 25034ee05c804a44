"""Connections to PostgreSQL that never hang, and what their errors mean.

A server's own timeouts end what it does too slowly. A server that is frozen, or whose packets are
lost, keeps none of them: so every answer is also waited for here no longer than the limit, and
what was not answered is closed.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from gateway.audit.store.base import StoreGone
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg.abc import PQGen

__all__ = ["Link", "connect", "failures", "with_values", "words"]

Answer = TypeVar("Answer")

_CODES: Final = {
    "23505": "a record with this id or number is there already",
    "25006": "the store is read-only",
    "28P01": "the database refuses this user or password",
    "3D000": "there is no such database",
    "42501": "this user may not do that in the store",
    "53100": "the disk is full",
    "53300": "the database has no connection left",
    "55P03": "the store is locked by another process",
    "57014": "the store does not answer in time",
    "57P03": "the database is starting or stopping",
    "58030": "the disk does not work",
}
_CLASSES: Final = {
    "08": "the connection to the database was lost",
    "28": "the database refuses this user",
    "53": "the database has no resources left",
    "57": "the database was stopped",
    "XX": "the store is damaged",
}
_TIMEOUTS: Final = ("statement_timeout", "lock_timeout")
_PLANS: Final = {
    # Everything here is found by an index. Statistics of tables that grow fast are old, and a plan
    # that reads a whole table because of them would get slower with each record.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    # And what is asked for often is little: to compile or to spread it takes longer.
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
}
_VANISHED: Final = 6000
_GONE: Final = {
    # And one whose client is out of reach is ended by the server within a minute: each attempt to
    # get through to it may leave one behind.
    "tcp_keepalives_idle": "20",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
_MISSING: Final = ("42P01", "3F000")
"""Tables or their schema are not there."""


class Link(psycopg.Connection[tuple[Any, ...]]):
    """A connection whose answers are waited for until a moment, and never longer.

    Attributes:
        limit: Seconds for one piece of work.
        until: When the work at hand has to be done; None between two of them.
    """

    limit: float = 5.0
    until: float | None = None

    def wait(
        self, gen: PQGen[Answer], interval: float = 0.1, timeout: float | None = None
    ) -> Answer:
        """As psycopg's, but not beyond ``until``; what was not answered then is closed."""
        left = self.limit if self.until is None else max(0.0, self.until - time.monotonic())
        try:
            return super().wait(gen, interval, left if timeout is None else min(timeout, left))
        except errors._WaitTimeout:  # noqa: SLF001 - psycopg has no public name
            self.pgconn.finish()
            raise

    @contextlib.contextmanager
    def patient(self, seconds: float) -> Iterator[None]:
        """What is done inside may take longer than the limit, at the server and here."""
        self.until = time.monotonic() + seconds
        for name in _TIMEOUTS:
            self.execute(f"SET {name} = {round(seconds * 1000)}".encode())
        yield
        for name in _TIMEOUTS:
            self.execute(f"RESET {name}".encode())
        self.until = None

    @contextlib.contextmanager
    def work(self, seconds: float | None = None) -> Iterator[None]:
        """What is done inside has so many seconds together; ``limit`` if not given."""
        self.until = time.monotonic() + (self.limit if seconds is None else seconds)
        try:
            yield
        finally:
            self.until = None


def connect(url: str, limit: float, **settings: str) -> Link:
    """A connection in autocommit mode.

    Args:
        url: The database.
        limit: Seconds for one piece of work; to connect takes 2 at least where nobody answers.
        settings: Of the session, by their names in PostgreSQL.

    Raises:
        AuditUnavailable: There is no connection to be had.
    """
    milliseconds = round(limit * 1000)
    # Less than we wait, so that a server that works says itself what it could not do.
    timeout = str(max(1, milliseconds * 4 // 5))
    values = {
        "statement_timeout": timeout,
        "lock_timeout": timeout,
        # A session that vanished in the middle holds nobody up for long. (Not after a pipeline, of
        # psycopg's `executemany` too: its last message makes the server forget the timeout.)
        "idle_in_transaction_session_timeout": str(min(2 * milliseconds + 1000, _VANISHED)),
        **_GONE,
        **_PLANS,
        **settings,
    }
    own = " ".join(f"-c {name}={value}" for name, value in values.items())
    with failures():
        given = conninfo_to_dict(url)
        options = f"{own} {given.get('options') or ''}".strip()
        link = Link.connect(
            make_conninfo(
                url,
                options=options,
                application_name=given.get("application_name") or "llm-security-gateway",
                connect_timeout=max(2, round(limit)),
                tcp_user_timeout=milliseconds,
                keepalives_idle=5,
                keepalives_interval=2,
                keepalives_count=2,
                gssencmode=given.get("gssencmode") or "disable",
            ),
            autocommit=True,
        )
    link.limit = limit
    return link


@contextlib.contextmanager
def failures(place: str = "") -> Iterator[None]:
    """Turns PostgreSQL's errors into ours.

    Args:
        place: Stands before the words, where given.

    Raises:
        StoreGone: The store's tables are not there.
        AuditUnavailable: Whatever else went wrong.
    """
    try:
        yield
    except psycopg.Error as error:
        kind = StoreGone if error.sqlstate in _MISSING else AuditUnavailable
        raise kind(f"{place}: {words(error)}" if place else words(error)) from None


def with_values(sql: str) -> bytes:
    """A statement as psycopg takes it; in ours ``?`` stands for a value and for nothing else."""
    return sql.replace("%", "%%").replace("?", "%s").encode()


def words(error: psycopg.Error) -> str:
    """What went wrong, in words; never a statement or its values."""
    code = error.sqlstate
    if code is None:
        return _without_code(error)
    if code in _MISSING:
        return "the store's tables are gone"
    if code in _CODES:
        return _CODES[code]
    return _CLASSES.get(code[:2], f"the store failed ({code})")


def _without_code(error: psycopg.Error) -> str:
    """Of an error that the client found, as the server could say nothing."""
    if isinstance(error, errors.ConnectionTimeout | errors._WaitTimeout):  # noqa: SLF001 - psycopg has no public name
        return "the store does not answer in time"
    text = str(error)
    if "FATAL" in text:
        return next((said for sign, said in _FATAL.items() if sign in text), "the database refuses")
    if "certificate" in text or "SSL" in text:
        return "the database's certificate or encryption is not as the URL wants it"
    if isinstance(error, psycopg.OperationalError) and "connection failed" in text:
        return "the database cannot be reached"
    if isinstance(error, psycopg.OperationalError):
        return "the connection to the database was lost"
    return f"the store failed ({type(error).__name__})"


_FATAL: Final = {
    "password authentication failed": _CODES["28P01"],
    "no pg_hba.conf entry": "the database lets nobody in from here with this user",
    "does not exist": _CODES["3D000"],
    "too many": _CODES["53300"],
    "remaining connection slots": _CODES["53300"],
    "starting up": _CODES["57P03"],
    "shutting down": _CODES["57P03"],
}
