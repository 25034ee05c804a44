"""Are all checkpoints signed, true of the tree, and close enough to each other in time?

The stored checkpoints, and those that are known from elsewhere, must each be the root of the tree
at their size: so each is consistent with every other. What they say of time is that a record was
there then; a writer that worked for long without any is a flaw, a silence is a note.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from gateway.audit.checkpoint import (
    Checkpoint,
    SignedCheckpoint,
    read_checkpoint,
    witnesses_of,
)
from gateway.audit.note import read_note
from gateway.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.audit.findings import Findings
    from gateway.audit.merkle import Frontier
    from gateway.audit.note import Verifier
    from gateway.audit.store.base import Reader
    from gateway.audit.verify_pruned import PrunedCheck
    from gateway.audit.verify_rows import Row
    from gateway.audit.verify_tree import TreeCheck

__all__ = ["Checkpoints", "Trust"]

_MOST: Final = 2**31
"""No checkpoint has such a number, signed once a second as they are."""
_PAGE: Final = 500
_STEP: Final = 60_000
"""Milliseconds of work that two records of a writer show at most."""
_SILENCE: Final = 150
"""Seconds: more than two checkpoints of a log in which nothing happens lie apart."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose word counts, beside the store's own.

    Attributes:
        vkeys: The log's public keys; None where no signature is checked.
        known: Checkpoints that are known from elsewhere: signed notes, by where they are from.
        witnesses: Public keys of witnesses.
        quorum: How many of them must have cosigned.
    """

    vkeys: Sequence[Verifier] | None = None
    known: Sequence[tuple[str, str]] = ()
    witnesses: Sequence[Verifier] = ()
    quorum: int = 0


class Checkpoints:
    """Checks checkpoints while the tree grows past their sizes.

    Attributes:
        count: How many stored checkpoints held.
        newest: The newest of those.
        witnessed: The newest of those that enough witnesses have cosigned.
    """

    def __init__(
        self, reader: Reader, trust: Trust, findings: Findings, pruned: PrunedCheck
    ) -> None:
        self._reader, self._trust, self._findings = reader, trust, findings
        self._pruned = pruned
        self._stored = self._each()
        self._next: tuple[SignedCheckpoint, int] | None = None
        self._keys: list[bytes] = []
        self._working: dict[int, tuple[int, int]] = {}
        self._told: dict[int, tuple[int, str]] = {}
        self.count = 0
        self.newest: SignedCheckpoint | None = None
        self.witnessed: SignedCheckpoint | None = None

    def begin(self, size: int) -> None:
        """Leaves out checkpoints of fewer records, but takes the last of them as the one before.

        Raises:
            AuditUnavailable: They cannot be read.
        """
        self._next = next(self._stored, None)
        while self._next is not None and self._next[0].checkpoint.size < size:
            self.newest = self._next[0]
            self._next = next(self._stored, None)

    def grown(self, frontier: Frontier) -> None:
        """The tree has grown: compares it with the checkpoints of its size."""
        while self._next is not None and self._next[0].checkpoint.size <= frontier.size:
            signed, number = self._next
            if signed.checkpoint.size == frontier.size:
                self._compare(signed, number, frontier.root())
            else:
                self._findings.flaw(f"checkpoint {number} has fewer records than one before it")
            self._next = next(self._stored, None)

    def record(self, row: Row) -> None:
        """A record passes: its writer works at the time in its id, and says what it saw."""
        if row.fields.get("stage") == "writer.open":
            self._saw(row)
        time = _time_of(row.id)
        if time is not None:
            last, worked = self._working.get(row.writer, (time, 0))
            # A clock that is set adds little, whichever way.
            self._working[row.writer] = time, worked + min(max(0, time - last), _STEP)

    def end(self, tree: TreeCheck, records: int) -> None:
        """What is left: checkpoints beyond the tree, those from elsewhere, and the tail."""
        if self._next is not None:
            signed, number = self._next
            self._findings.flaw(
                f"checkpoint {number} is of {signed.checkpoint.size} records, the store's tree has"
                f" only {tree.size}: its tail was cut off"
            )
        self._seen()
        for place, note in self._trust.known:
            self._known(tree, place, note)
        self._tail(tree, records)
        if self._trust.quorum:
            self._quorum()

    def _saw(self, row: Row) -> None:
        """A writer that began names the newest checkpoint of then."""
        detail = row.fields.get("detail")
        seen = detail.get("checkpoint") if isinstance(detail, dict) else None
        # Whoever can write to the store can also write a header of any shape.
        if not isinstance(seen, list) or [type(one) for one in seen] != [int, int]:
            return
        if 0 <= seen[0] < _MOST:
            self._told[seen[0]] = seen[1], str(row.writer)

    def _seen(self) -> None:
        """What writers have seen is there by the same number, or was pruned."""
        numbers = sorted(self._told)
        for start in range(0, len(numbers), _PAGE):
            asked = numbers[start : start + _PAGE]
            places = ", ".join("?" * len(asked))
            sql = f"SELECT number, size FROM checkpoints WHERE number IN ({places})"  # noqa: S608 - made of question marks
            there = dict(self._reader.rows(sql, asked))
            for number in asked:
                size, writer = self._told[number]
                saw = f"writer {writer} saw checkpoint {number} of {size} records"
                if number in there and there[number] != size:
                    self._findings.flaw(f"{saw}, which is another one by now")
                elif number not in there and number > self._pruned.thinned_number:
                    self._findings.flaw(f"{saw}, which is gone")

    def _each(self) -> Iterator[tuple[SignedCheckpoint, int]]:
        """Stored checkpoints that hold by themselves, in their order, with their numbers."""
        number, after = 0, -1
        while page := self._reader.rows(
            "SELECT number, size, time, note FROM checkpoints WHERE number > ? ORDER BY number"
            " LIMIT ?",
            (after, _PAGE),
        ):
            for found, size, time, note in page:
                first = max(number, self._pruned.thinned_number) + 1
                if first < found or found <= 0:
                    self._findings.flaw(f"checkpoints {first} to {found - 1} are missing")
                number = after = found
                signed = self._read(f"checkpoint {number}", str(note))
                if signed is None:
                    continue
                if self._trust.vkeys is not None and signed.time is None:
                    self._findings.flaw(f"checkpoint {number} has no time that the log signed")
                if not _is_stored(signed, size, time):
                    self._findings.flaw(f"checkpoint {number} is stored as another one")
                self._pruned.checkpoint_there(number)
                yield signed, number

    def _read(self, what: str, note: str) -> SignedCheckpoint | None:
        try:
            if self._trust.vkeys is not None:
                return read_checkpoint(note, self._trust.vkeys, self._reader.store)
            return SignedCheckpoint(Checkpoint.parse(read_note(note, ()).text), note)
        except VerificationError as error:
            self._findings.flaw(f"{what} does not hold: {error}")
            return None

    def _compare(self, signed: SignedCheckpoint, number: int, root: bytes) -> None:
        if signed.checkpoint.root != root:
            since = 0 if self.newest is None else self.newest.checkpoint.size
            self._findings.flaw(
                f"checkpoint {number} of {signed.checkpoint.size} records is not the root of the"
                f" tree: something from {since} on was changed in records and tree"
            )
            return
        self._silence(signed)
        self._key(signed, number)
        self.count += 1
        self.newest = signed
        self._count_witnesses(signed, number)

    def _silence(self, signed: SignedCheckpoint) -> None:
        """What lies between a checkpoint and the one before it."""
        working, self._working = self._working, {}
        former = self.newest
        if former is None or former.time is None or signed.time is None:
            return
        if former.checkpoint.size <= self._pruned.thinned:
            return
        if signed.time < former.time:
            self._findings.notes.append(
                f"the clock was set back between checkpoints, from {_say(former.time)} to"
                f" {_say(signed.time)}"
            )
        elif signed.time - former.time > _SILENCE:
            between = f"between {_say(former.time)} and {_say(signed.time)}"
            if _longest(working) > _SILENCE:
                self._findings.flaw(f"records were written, but no checkpoint signed, {between}")
            else:
                self._findings.notes.append(
                    f"nothing was signed {between}: the log stood still, or what was there then"
                    " was put back; a checkpoint kept elsewhere would tell"
                )

    def _key(self, signed: SignedCheckpoint, number: int) -> None:
        """A key that was replaced may sign again while several gateways change it one by one."""
        if signed.key in self._keys[:-1]:
            self._findings.notes.append(
                f"checkpoint {number} is signed by the key {signed.key.hex()} again, after one that"
                " came later: somebody still has the key that was replaced"
            )
            self._keys.remove(signed.key)
        if signed.key not in self._keys:
            self._keys.append(signed.key)

    def _count_witnesses(self, signed: SignedCheckpoint, number: int) -> None:
        if not self._trust.quorum:
            return
        try:
            found = witnesses_of(signed.note, self._trust.witnesses)
        except VerificationError as error:
            self._findings.flaw(f"checkpoint {number} does not hold: {error}")
            return
        if len(found) >= self._trust.quorum:
            self.witnessed = signed

    def _known(self, tree: TreeCheck, place: str, note: str) -> None:
        signed = self._read(place, note)
        if signed is None:
            return
        size = signed.checkpoint.size
        if size > tree.size:
            when = "" if signed.time is None else f" at {_say(signed.time)}"
            self._findings.flaw(
                f"{place} is of {size} records{when}, the store's tree has only {tree.size}: an"
                " older copy was put back, or its tail was cut off"
            )
            return
        try:
            if tree.root(size) != signed.checkpoint.root:
                self._findings.flaw(f"{place} is not of this tree: the log was rewritten or forked")
        except VerificationError as error:
            self._findings.flaw(f"{place} cannot be compared: {error}")

    def _tail(self, tree: TreeCheck, records: int) -> None:
        """Records after the newest checkpoint: those of the last moment may be there."""
        covered = 0 if self.newest is None else self.newest.checkpoint.size
        if records <= covered:
            return
        span = _longest(self._working)
        if span > _SILENCE:
            self._findings.flaw(
                f"no checkpoint covers the records from {covered} on, which were written over"
                f" {span} s (the tree has {tree.size})"
            )
        else:
            self._findings.notes.append(
                f"no checkpoint covers the last {records - covered} records yet"
            )

    def _quorum(self) -> None:
        newest, witnessed = self.newest, self.witnessed
        if witnessed is None:
            self._findings.flaw(
                f"no checkpoint was cosigned by {self._trust.quorum} of the witnesses"
            )
        elif newest is not None and newest.checkpoint.size > witnessed.checkpoint.size:
            self._findings.notes.append(
                f"witnesses have seen the first {witnessed.checkpoint.size} records of"
                f" {newest.checkpoint.size}"
            )


def _is_stored(signed: SignedCheckpoint, size: object, time: object) -> bool:
    """Whether a checkpoint stands in the store as it was signed."""
    second = time // 1000 if isinstance(time, int) else None
    return signed.checkpoint.size == size and signed.time in {None, second}


def _longest(working: dict[int, tuple[int, int]]) -> int:
    """The longest time, in seconds, that one writer has worked."""
    return max((worked for _, worked in working.values()), default=0) // 1000


def _time_of(id_: object) -> int | None:
    """Unix milliseconds in a UUIDv7."""
    try:
        return int(str(id_)[:8] + str(id_)[9:13], 16)
    except ValueError:
        return None


def _say(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
