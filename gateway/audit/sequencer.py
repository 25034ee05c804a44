"""The thread that turns the records of all writers into one tree, while this process leads.

Every gateway process has one; a lease lets one of them lead. It is woken by commits of its own
process, and by a clock for those of others.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gateway.audit.checkpoint import read_checkpoint
from gateway.audit.leading import Leader
from gateway.audit.publishing import Cosignatures
from gateway.audit.remembered import Remembered
from gateway.audit.store.base import StoreGone
from gateway.audit.store.opening import open_tree
from gateway.audit.store.tree import LeaseLost
from gateway.audit.trouble import Trouble
from gateway.audit.watch import Watch
from gateway.errors import VerificationError
from gateway.ids import uuid7

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from gateway.audit.checkpoint import Checkpoint
    from gateway.audit.note import Signer, Verifier
    from gateway.audit.record import Record
    from gateway.audit.store.tree import Kept, TreeStore, Turn

__all__ = ["Duty", "Sequencer"]

_LEASE: Final = 3.0
_RENEW: Final = 1.0
_RETRY: Final = 0.5
_STALE: Final = 180.0


@dataclass(frozen=True, slots=True)
class Duty:
    """What a sequencer is for.

    Attributes:
        url: The store.
        signer: The log's key.
        former: Keys that the log had before, by which the anchor may be signed.
        busy: Seconds to wait for another's write to the store.
    """

    url: str
    signer: Signer
    former: tuple[Verifier, ...] = ()
    busy: float = 1.0


class Sequencer:
    """Orders, hashes and signs; begins with ``start``.

    Args:
        duty: What it is for.
        record: Begins to write a record in this process's own part of the log.
        anchor: Gives the newest checkpoint that is known outside of the store, if any, for the
            store's id, when this process begins to lead. Where it raises ``AuditUnavailable``,
            nothing is signed yet.
        on_incident: Told in one sentence when the store does not hold what was signed, and when
            nothing could be ordered for some time.

    Attributes:
        listeners: Called in the sequencer's thread with each checkpoint that was stored. They
            must not block.
        size: How many records the tree holds, as far as this process knows.
    """

    def __init__(
        self,
        duty: Duty,
        record: Callable[[Record], Future[str]],
        anchor: Callable[[str], str | None] | None = None,
        on_incident: Callable[[str], None] | None = None,
    ) -> None:
        self._duty, self._record = duty, record
        self._anchor, self._trouble = anchor, Trouble(on_incident)
        self._vkeys = (duty.signer.verifier, *duty.former)
        self._remembered = Remembered(self._vkeys)
        self._holder = uuid7()
        self._store: TreeStore | None = None
        self._token: int | None = None
        self._renewed = float("-inf")
        self._leader: Leader | None = None
        self._watch = Watch(record)
        self._cosignatures = Cosignatures()
        self._started = time.monotonic()
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="audit-sequencer", daemon=True)
        self.listeners: list[Callable[[Kept], None]] = []
        self.size = 0

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def wake(self, *_committed: object) -> None:
        """Something was committed; safe from any thread. One of ``AuditLog.listeners``."""
        self._wake.set()

    def stop(self, seconds: float) -> None:
        """Orders and signs what is left, where this process leads; waits no longer than that."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(seconds)

    @property
    def leads(self) -> bool:
        """Whether this process leads."""
        return self._leader is not None

    @property
    def elected(self) -> bool:
        """Whether this process has the lead, also where what it finds keeps it from leading."""
        return self._token is not None

    @property
    def problem(self) -> str | None:
        """Why the log's tree does not grow or cannot be trusted, in words; None where it does."""
        stale = self.age > _STALE and time.monotonic() - self._started > _STALE
        words = "no checkpoint was signed for more than three minutes"
        return self._trouble.problem or (words if stale else None)

    @property
    def newest(self) -> Kept | None:
        """The newest checkpoint that this process knows of."""
        return self._remembered.newest

    @property
    def age(self) -> float:
        """Seconds since the newest checkpoint was signed; infinite where there is none."""
        return self._remembered.age

    def cosign(self, kept: Kept, lines: str) -> None:
        """Adds cosignatures to a checkpoint; safe from any thread.

        Raises:
            VerificationError: The lines are no signature lines.
        """
        self._cosignatures.add(kept, lines)
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            if self._guarded(final=False):
                continue
            self._stopping.wait(self._pace(began))
            self._wake.wait(_RENEW)
            self._wake.clear()
        while self._guarded(final=True):
            pass
        if self._store is not None:
            if self._token is not None:
                self._store.resign(self._token)
            self._store.close()

    def _pace(self, began: float) -> float:
        """Seconds until a next turn may begin."""
        if self._trouble.now or self._store is None:
            return _RETRY
        return max(0.0, self._store.pace - (time.monotonic() - began))

    def _guarded(self, *, final: bool) -> bool:
        """One step; keeps what is wrong with it. Gives whether there is more to do at once."""
        try:
            more = self._step(final=final)
        except LeaseLost:
            self._leader = self._token = None
            return False
        except VerificationError as error:
            self._leader = None
            self._trouble.wrong(str(error))
            return False
        except Exception as error:  # noqa: BLE001 - the thread must outlive whatever fails in it
            self._leader = None
            self._trouble.failed(error)
            return False
        self._trouble.over()
        return more

    def _step(self, *, final: bool) -> bool:
        store = self._opened()
        leads, newest = self._lead(store), store.newest()
        self._remembered.see(newest, store.id)
        if not leads:
            self._leader = None
            return False
        outside = self._outside(store.id) if self._leader is None else []
        with store.turn(self._token or 0) as turn:
            leader = self._leader
            if leader is None or leader.size != turn.size:
                leader = self._begin(turn, store.id, newest, outside)
            progress = leader.advance(turn, final=final)
            cosigned = self._cosignatures.waiting()
            for kept in cosigned:
                turn.put_checkpoint(kept)
            self._watch.look(turn)
        self._leader, self.size = leader, progress.size
        self._done(store.id, progress.signed, cosigned)
        return progress.more

    def _begin(
        self, turn: Turn, store: str, newest: Kept | None, outside: list[Checkpoint]
    ) -> Leader:
        return Leader(turn, self._duty.signer, store, newest, [*outside, *self._remembered.known])

    def _opened(self) -> TreeStore:
        """The store, opened anew where it was replaced: that one is another log."""
        if self._store is not None:
            try:
                self._store.check()
            except StoreGone:
                self._store.close()
                self._store = self._leader = self._token = None
                self._watch, self._cosignatures = Watch(self._record), Cosignatures()
                self._remembered.forget()
        if self._store is None:
            self._store = open_tree(self._duty.url, self._duty.busy)
        return self._store

    def _lead(self, store: TreeStore) -> bool:
        now = time.monotonic()
        if self._token is None or now - self._renewed >= _RENEW:
            token = store.lead(self._holder, _LEASE)
            if token != self._token:
                self._leader = None
            self._token, self._renewed = token, now
        return self._token is not None

    def _outside(self, store: str) -> list[Checkpoint]:
        """What is known of the log outside of the store."""
        note = self._anchor(store) if self._anchor is not None else None
        if note is None:
            return []
        return [read_checkpoint(note, self._vkeys).checkpoint]

    def _done(self, store: str, signed: Kept | None, cosigned: list[Kept]) -> None:
        """What follows a turn that is stored."""
        self._cosignatures.stored(cosigned)
        if signed is not None:
            self._remembered.see(signed, store)
            for listener in self.listeners:
                listener(signed)
