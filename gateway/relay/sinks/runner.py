"""The thread that carries the log to one sink: at least once, in order, from where it was.

The cursor is in the store, and moves only once the receiver has said yes. So a sink that is dead
costs nothing but delay, whoever leads next goes on where this one ended, and what comes twice comes
around a failure. One process at a time carries, the one that leads.
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import structlog

from gateway.audit.store.opening import open_reader, open_store
from gateway.audit.store.schema import PRUNED, decode
from gateway.errors import AuditUnavailable, GatewayError
from gateway.relay.sinks.parcel import Parcel, TooLarge

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.filters import Filters
    from gateway.audit.store.base import Reader, Store
    from gateway.relay.sinks.parcel import Sink

__all__ = ["Runner", "Share"]

_log = structlog.get_logger("gateway.relay")
_PACE: Final = 0.2
"""Seconds between two parcels that are not full: a parcel costs a post and a commit."""
_PAUSE: Final = 0.5
_LONGEST: Final = 60.0
_BUSY: Final = 1.0
_MOST_BYTES: Final = 4 * 2**20
"""Bytes of headers in one parcel, but for a single record."""
_RECORDS: Final = (
    "SELECT seq, header FROM records WHERE seq > ? AND stage <> ? ORDER BY seq LIMIT ?"
)
_LAST: Final = "SELECT seq FROM records ORDER BY seq DESC LIMIT 1"
_PIECE: Final = 16
_POSITION: Final = "SELECT position FROM cursors WHERE name = ?"
_MOVE: Final = (
    "INSERT INTO cursors (name, position) VALUES (?, ?) ON CONFLICT (name) DO UPDATE"
    " SET position = excluded.position WHERE cursors.position < excluded.position"
)


@dataclass(frozen=True, slots=True)
class Share:
    """Which records a sink gets, and how many at a time, at most."""

    filters: Filters
    batch: int


class Runner:
    """Carries records from a store to a sink, from ``start`` to ``stop``.

    Args:
        name: The sink's name in the settings; its cursor is ``sink.<name>``.
        sink: Where to.
        store: The store's URL.
        share: Which records it gets.
        leads: Whether this process carries.

    Attributes:
        lag: Records of the log that the sink has not got yet, or is not to get; as last seen.
        delivered: Records that it has got from this process.
        failures: How often it did not say yes.
        on_delivered: Called with each number of records that it has got; set before ``start``.
        on_failure: Called each time that it did not say yes; set before ``start``.
    """

    def __init__(
        self,
        name: str,
        sink: Sink,
        store: str,
        share: Share,
        leads: Callable[[], bool],
    ) -> None:
        self._name, self._sink, self._url = name, sink, store
        self._share, self._leads = share, leads
        self._limit = share.batch
        self._led = False
        self._reader: Reader | None = None
        self._store: Store | None = None
        self._position = 0
        self._pause = _PAUSE
        self._problem: str | None = None
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"audit-sink-{name}", daemon=True)
        self.lag = self.delivered = self.failures = 0
        self.on_delivered: Callable[[int], None] = _ignore
        self.on_failure: Callable[[], None] = _ignore

    @property
    def name(self) -> str:
        """The sink's name."""
        return self._name

    @property
    def problem(self) -> str | None:
        """Why records do not arrive, in words; None where they do."""
        return self._problem

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def wake(self, *_committed: object) -> None:
        """Something was committed; safe from any thread. One of ``AuditLog.listeners``."""
        self._wake.set()

    def stop(self, seconds: float) -> None:
        """Sends what is left, if that goes at once; waits no longer than that."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stopping.is_set():
            if self._carry():
                continue
            self._stopping.wait(_PACE if self._problem is None else self._backoff())
            self._wake.wait(_PAUSE)
            self._wake.clear()
        while self._problem is None and self._carry(final=True):
            continue
        self._close()
        self._sink.close()

    def _carry(self, *, final: bool = False) -> bool:
        """One parcel, where this process leads; gives whether there is more to do at once."""
        led, self._led = self._led, self._led if final else self._leads()
        if not self._led:
            self._close()
            self.lag, self._problem, self._pause = 0, None, _PAUSE
            return False
        if not led:
            # Whoever led before may have gone on from what was known here.
            self._close()
        try:
            more = self._step()
        except TooLarge as error:
            self._limit = max(1, self._limit // 2)
            self._fail(error)
        except GatewayError as error:
            self._fail(error)
        except Exception as error:  # noqa: BLE001 - the thread must outlive whatever fails in it
            self._fail(GatewayError(f"unexpected {type(error).__name__}"))
        else:
            self._pause, self._problem = _PAUSE, None
            self._limit = min(self._share.batch, 2 * self._limit)
            return more
        return False

    def _step(self) -> bool:
        reader, store = self._opened()
        asked = self._limit
        rows = reader.rows(_RECORDS, (self._position, PRUNED, asked))
        if not rows:
            self.lag = 0
            return False
        self.lag = int(reader.rows(_LAST)[0][0]) - self._position
        parcel, last = self._parcel(reader.store, rows)
        if parcel.seqs:
            self._sink.send(parcel)
        with store.work() as work:
            work.run(_MOVE, (f"sink.{self._name}", last))
        store.check()
        self._position, self.delivered = last, self.delivered + len(parcel.seqs)
        self.on_delivered(len(parcel.seqs))
        self.lag = max(0, self.lag - (last - rows[0][0] + 1))
        return last < rows[-1][0] or len(rows) == asked

    def _parcel(self, store: str, rows: list[tuple[Any, ...]]) -> tuple[Parcel, int]:
        """What is to be sent of the rows, and the last place that is done with it."""
        if self._position and rows[0][0] > self._position + 1:
            # Retention may prune what a sink was away for; that must not look like nothing.
            skipped = rows[0][0] - self._position - 1
            _log.error("records_gone_before_delivery", sink=self._name, count=skipped)
        seqs: list[int] = []
        headers: list[dict[str, Any]] = []
        size, last = 0, self._position
        for number, (seq, raw) in enumerate(rows):
            if not number % _PIECE:
                time.sleep(0)  # The event loop may want the interpreter.
            size += len(raw) if isinstance(raw, bytes | str) else 0
            if headers and size > _MOST_BYTES:
                break
            last = seq
            header = decode(raw)
            if header is None:
                _log.error("record_damaged", sink=self._name, seq=seq)
            elif self._share.filters.matches(header):
                seqs.append(seq)
                headers.append(header)
        return Parcel(store, tuple(seqs), tuple(headers)), last

    def _opened(self) -> tuple[Reader, Store]:
        """The store, opened anew where it was replaced: that one has cursors of its own."""
        if self._reader is not None and not self._reader.current:
            self._close()
        if self._reader is None or self._store is None:
            self._reader = open_reader(self._url)
            self._store = open_store(self._url, _BUSY, "open")
            found = self._reader.rows(_POSITION, (f"sink.{self._name}",))
            # Where something else stands there, everything is sent once more: nothing is left out.
            self._position = found[0][0] if found and isinstance(found[0][0], int) else 0
        return self._reader, self._store

    def _close(self) -> None:
        for opened in (self._reader, self._store):
            if opened is not None:
                with contextlib.suppress(AuditUnavailable):
                    opened.close()
        self._reader = self._store = None

    def _fail(self, error: GatewayError) -> None:
        reason = error.reason if isinstance(error, AuditUnavailable) else str(error)
        if self._problem is None:
            _log.warning("sink_failed", sink=self._name, reason=reason)
        self._problem, self.failures = reason, self.failures + 1
        self.on_failure()
        # A connection of the store's that failed may not be one any more.
        self._close()

    def _backoff(self) -> float:
        """Seconds until another try, twice as many each time, and not all sinks at once."""
        pause, self._pause = self._pause, min(_LONGEST, 2 * self._pause)
        return pause * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, hides nothing


def _ignore(_count: int = 0) -> None:
    """Nobody counts."""
