"""The thread that turns the records of all writers into one tree, while this process leads.

Every gateway process has one; a lease lets one of them lead. It is woken by commits of its own
process, and by a clock for those of others.
"""

from __future__ import annotations

import contextlib
import threading
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gateway.audit.checkpoint import read_checkpoint
from gateway.audit.leading import Leader, checkpoint_of
from gateway.audit.publishing import Cosignatures
from gateway.audit.store.base import StoreGone
from gateway.audit.store.opening import open_tree
from gateway.audit.store.tree import LeaseLost
from gateway.audit.watch import Watch
from gateway.errors import AuditUnavailable, GatewayError, VerificationError
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
_TOLERATED: Final = 10.0
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
        newest: The newest checkpoint that this process knows of.
    """

    def __init__(
        self,
        duty: Duty,
        record: Callable[[Record], Future[str]],
        anchor: Callable[[str], str | None] | None = None,
        on_incident: Callable[[str], None] | None = None,
    ) -> None:
        self._duty, self._record = duty, record
        self._anchor, self._on_incident = anchor, on_incident
        self._holder = uuid7()
        self._store: TreeStore | None = None
        self._token: int | None = None
        self._renewed = float("-inf")
        self._leader: Leader | None = None
        self._watch = Watch(record)
        self._known: list[Checkpoint] = []
        self._cosignatures = Cosignatures()
        self._wrong: str | None = None
        self._failing: tuple[str, float] | None = None
        self._told = False
        self._started = time.monotonic()
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="audit-sequencer", daemon=True)
        self.listeners: list[Callable[[Kept], None]] = []
        self.size = 0
        self.newest: Kept | None = None

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
        if self._wrong is not None:
            return self._wrong
        failing = self._failing
        if failing is not None and time.monotonic() - failing[1] > _TOLERATED:
            return failing[0]
        if self.age > _STALE and time.monotonic() - self._started > _STALE:
            return "no checkpoint was signed for more than three minutes"
        return None

    @property
    def age(self) -> float:
        """Seconds since the newest checkpoint was signed; infinite where there is none."""
        newest = self.newest
        return max(0.0, time.time() - newest.time / 1000) if newest else float("inf")

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
        if self._wrong is not None or self._failing is not None or self._store is None:
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
            self._tell(str(error))
            return False
        except Exception as error:  # noqa: BLE001 - the thread must outlive whatever fails in it
            self._leader = None
            self._fail(error)
            return False
        self._wrong = self._failing = None
        self._told = False
        return more

    def _step(self, *, final: bool) -> bool:
        store = self._opened()
        leads, newest = self._lead(store), store.newest()
        self._remember(newest)
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
        self._done(progress.signed, cosigned)
        return progress.more

    def _begin(
        self, turn: Turn, store: str, newest: Kept | None, outside: list[Checkpoint]
    ) -> Leader:
        return Leader(turn, self._duty.signer, store, newest, [*outside, *self._known])

    def _opened(self) -> TreeStore:
        """The store, opened anew where it was replaced: that one is another log."""
        if self._store is not None:
            try:
                self._store.check()
            except StoreGone:
                self._store.close()
                self._store = self._leader = self._token = None
                self._watch, self._known = Watch(self._record), []
                self._cosignatures = Cosignatures()
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
        vkeys = self._duty.signer.verifier, *self._duty.former
        return [read_checkpoint(note, vkeys).checkpoint]

    def _remember(self, newest: Kept | None) -> None:
        """Keeps the newest checkpoint in mind, also where another process signed it.

        Raises:
            VerificationError: The store forgot what this process has seen in it.
        """
        if newest is not None and newest == self.newest:
            return
        found = None if newest is None else checkpoint_of(newest)
        for known in self._known:
            if found is None or (found.store == known.store and found.size < known.size):
                raise VerificationError(
                    f"a checkpoint of {known.size} records is not in the store any more: an older"
                    " copy was put back"
                )
        self.newest = newest
        self._known = [] if found is None else [found]

    def _done(self, signed: Kept | None, cosigned: list[Kept]) -> None:
        """What follows a turn that is stored."""
        self._cosignatures.stored(cosigned)
        if signed is not None:
            self._remember(signed)
            for listener in self.listeners:
                listener(signed)

    def _tell(self, sentence: str) -> None:
        if sentence != self._wrong:
            self._report(f"the log's tree is not what was signed: {sentence}")
        self._wrong = sentence

    def _fail(self, error: Exception) -> None:
        """Keeps why a step failed; what goes on for long is an incident, once."""
        if isinstance(error, AuditUnavailable):
            reason = error.reason
        else:
            reason = str(error) if isinstance(error, GatewayError) else _unexpected(error)
        since = self._failing[1] if self._failing else time.monotonic()
        lasting = time.monotonic() - since > _TOLERATED
        if lasting and not self._told:
            self._report(f"the log's tree does not grow: {reason}")
        self._failing, self._told = (reason, since), lasting

    def _report(self, sentence: str) -> None:
        if self._on_incident is not None:
            with contextlib.suppress(Exception):
                self._on_incident(sentence)


def _unexpected(error: Exception) -> str:
    """The type and the place of an error; its words may be anything."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"unexpected {type(error).__name__}{place}"
