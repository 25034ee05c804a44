"""Does the log hold? Chains, sealed digests and signed heads of every writer, from the store.

What it proves: no record between a writer's first and last was changed, removed, added or
reordered, and the last is the one that the log's key signed. What it cannot prove: that the whole
store was not replaced by an older copy of itself. That needs a witness outside of it.

The signature stands at the end of a chain and reaches back as far as the links hold. Where one
does not, the record there is bad *or one before it was rewritten*: only what follows it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway.audit.binding import Binding, Subject
from gateway.audit.chain import GENESIS, link
from gateway.audit.envelope import segment_id
from gateway.audit.head import Head, verify_head
from gateway.audit.key_change import said
from gateway.audit.opener import Opener
from gateway.audit.report import Flaw, Report, WriterReport
from gateway.audit.salts import Erasures, Salts, salt_flaw
from gateway.audit.store.opening import open_reader
from gateway.audit.store.schema import COLUMNS, columns
from gateway.errors import AuditUnavailable, VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.audit.note import Verifier
    from gateway.audit.recipients import AuditorKey
    from gateway.audit.store.base import Reader

__all__ = ["verify"]

_RECORDS: Final = (
    "SELECT r.seq, r.id, r.writer, r.wseq, r.header, r.chain, s.ciphertext, g.id, g.envelope,"  # noqa: S608 - made of constants
    f" {', '.join('r.' + name for name in COLUMNS)} FROM records r"
    " LEFT JOIN sealed s ON s.seq = r.seq LEFT JOIN segments g ON g.number = s.segment"
)
_MAX_FLAWS: Final = 100
_LAST: Final = 2**63


@dataclass(slots=True)
class _Writer:
    """What is known of a writer while its records pass by."""

    id: str
    head: Head
    note: str
    records: int = 0
    first: int = 0
    chain: bytes = GENESIS
    seen: int = -1
    closed: bool = False
    signed: bool = False
    ends: bool = False
    key: str | None = None


@dataclass(slots=True)
class _Row:
    """A record as the store holds it."""

    seq: int
    id: str
    writer: int
    wseq: Any
    header: Any
    chain: Any
    ciphertext: Any
    segment: str | None
    envelope: Any
    columns: tuple[Any, ...]
    fields: dict[str, Any] = field(default_factory=dict)


def verify(
    store_url: str,
    vkeys: Sequence[Verifier] | None = None,
    since: int | None = None,
    keys: Sequence[AuditorKey] | None = None,
) -> Report:
    """Checks a store, also while writers write to it.

    Args:
        store_url: ``sqlite:///PATH``.
        vkeys: The log's public keys; without them signatures are not checked, and a note says so.
        since: Unix milliseconds; earlier records are not checked, and a note says so.
        keys: Auditors' private keys; with them every sealed part is opened.

    Raises:
        ConfigurationError: The URL is no store's.
        AuditUnavailable: The store cannot be read.
    """
    with open_reader(store_url) as reader, reader.snapshot():
        return _Check(reader, vkeys, [Opener(key) for key in keys or ()]).run(since)


class _Check:
    def __init__(
        self, reader: Reader, vkeys: Sequence[Verifier] | None, openers: Sequence[Opener]
    ) -> None:
        self._reader, self._vkeys, self._openers = reader, vkeys, openers
        self._flaws: list[tuple[int, Flaw]] = []
        self._notes: list[str] = []
        self._writers: dict[int, _Writer] = {}
        self._witnessed: list[tuple[int, str, dict[str, Any]]] = []
        self._envelopes: set[str] = set()
        self._sealed = self._opened = self._erased = 0
        self._salts, self._erasures = Salts(reader), Erasures()
        self._seq = 0

    def run(self, since: int | None) -> Report:
        for number, name, wseq, chain, note in self._reader.rows(
            "SELECT number, id, wseq, chain, head FROM writers ORDER BY number"
        ):
            self._writers[number] = _Writer(name, Head(name, wseq, chain), note)
        start = self._start(since)
        try:
            self._erasures = Erasures.read(self._reader)
            for row in self._rows(start):
                self._seq = row.seq
                self._record(row)
            self._strays()
            self._witnesses()
        except AuditUnavailable as error:
            self._flaw(None, None, f"the store cannot be read to its end: {error.reason}")
        self._seq = _LAST
        for writer in self._writers.values():
            self._end(writer)
        return self._report()

    def _start(self, since: int | None) -> int:
        """The first ``seq`` to check; writers that began earlier are taken at their word."""
        if self._vkeys is None:
            self._notes.append("signatures were not checked: no verifier key (log.vkey) was given")
        if since is None:
            return 0
        digits = f"{since:012x}"
        (first,) = self._reader.rows(
            "SELECT coalesce(min(seq), (SELECT coalesce(max(seq), 0) + 1 FROM records))"
            " FROM records WHERE id >= ?",
            (f"{digits[:8]}-{digits[8:]}",),
        )[0]
        earlier = self._reader.rows(
            "SELECT r.writer, r.wseq, r.chain FROM records r JOIN (SELECT max(seq) AS seq FROM"
            " records WHERE seq < ? GROUP BY writer) l ON l.seq = r.seq",
            (first,),
        )
        for number, wseq, chain in earlier:
            if number in self._writers:
                writer = self._writers[number]
                writer.first, writer.seen, writer.chain = wseq + 1, wseq, chain
        self._notes.append("records before the given time were not checked")
        return int(first)

    def _rows(self, start: int) -> Iterator[_Row]:
        for row in self._reader.each(f"{_RECORDS} WHERE r.seq >= ? ORDER BY r.seq", (start,)):
            yield _Row(*(*row[:9], row[9:]))

    def _record(self, row: _Row) -> None:
        writer = self._writers.get(row.writer)
        if writer is None:
            self._flaw(None, row.wseq, "the record belongs to no writer")
            return
        writer.records += 1
        expected = writer.seen + 1
        broken = self._link(writer, row)
        flaw = broken or self._content(writer, row)
        writer.seen = row.wseq if isinstance(row.wseq, int) else expected
        if broken:
            writer.first = writer.seen + 1
        writer.chain = row.chain if isinstance(row.chain, bytes) else GENESIS
        writer.closed = row.fields.get("stage") == "writer.close"
        if flaw is not None:
            self._flaw(writer, min(expected, writer.seen), flaw, row.fields.get("time"))

    def _link(self, writer: _Writer, row: _Row) -> str | None:
        expected = writer.seen + 1
        if not isinstance(row.wseq, int) or not isinstance(row.header, bytes):
            return "it is no record"
        if row.wseq > expected:
            return f"records {expected} to {row.wseq - 1} are missing"
        if row.wseq < expected:
            return f"it stands after record {expected - 1}"
        if link(writer.chain, row.header) != row.chain:
            return "it was changed or added, or records before it were rewritten"
        return "it stands after writer.close" if writer.closed else None

    def _content(self, writer: _Writer, row: _Row) -> str | None:
        # Whoever can write to the store can also write a header of any shape.
        try:
            return self._header(writer, row) or self._part(row)
        except (ValueError, KeyError, TypeError, AttributeError):
            return "its header is no header"

    def _header(self, writer: _Writer, row: _Row) -> str | None:
        fields = orjson.loads(row.header)
        if (fields["id"], fields["writer"], fields["wseq"]) != (row.id, writer.id, row.wseq):
            return "its header is that of another record"
        row.fields = fields
        if columns(fields) != row.columns:
            return "its columns differ from its header"
        if (fields["stage"] == "writer.open") != (row.wseq == 0):
            return "writer.open does not stand first"
        detail = fields.get("detail") or {}
        if row.wseq == 0:
            self._witnessed.append((row.seq, writer.id, detail))
            writer.key = detail.get("key")
        if fields["stage"] == "key.changed":
            self._notes.append(f"writer {writer.id}: {said(detail)} ({fields['time']})")
        return None

    def _part(self, row: _Row) -> str | None:
        note = row.fields["sealed"]
        if note is None:
            return None if row.ciphertext is None else "it has a sealed part that it does not name"
        if not isinstance(row.ciphertext, bytes):
            return "its sealed part is missing"
        if sha256(row.ciphertext).hexdigest() != note["sha256"]:
            return "its sealed part was changed"
        if row.segment != note["segment"] or not self._envelope(row):
            return "its segment's envelope is missing or was changed"
        self._sealed += 1
        return self._salted(row)

    def _envelope(self, row: _Row) -> bool:
        if row.segment not in self._envelopes:
            if not isinstance(row.envelope, bytes) or segment_id(row.envelope) != row.segment:
                return False
            self._envelopes.add(row.segment)
        return True

    def _salted(self, row: _Row) -> str | None:
        """The salt of the record's subject is there, or the subject was erased later."""
        salt, subject = self._salts.find(row.fields), Subject.of(row.fields)
        flaw = salt_flaw(row.fields, salt)
        if flaw is None and salt and subject and self._erasures.cover(subject, row.seq):
            return "its subject was erased, and its salt is there again"
        if flaw is None:
            return self._open(row, salt) if self._openers else None
        if salt is not None or subject is None:
            return flaw
        if self._erasures.cover(subject, row.seq):
            self._erased += 1
            return None
        return f"{flaw}, and no erasure is recorded"

    def _open(self, row: _Row, salt: bytes | None) -> str | None:
        binding = Binding.of(row.fields, row.fields["sealed"]["segment"])
        problem = None
        for opener in self._openers:
            try:
                opener.open(row.envelope, row.ciphertext, binding, salt)
            except VerificationError as error:
                problem = str(error)
            else:
                self._opened += 1
                return None
        return problem

    def _strays(self) -> None:
        """Sealed parts whose record is gone."""
        for (seq,) in self._reader.rows(
            "SELECT seq FROM sealed WHERE seq NOT IN (SELECT seq FROM records) LIMIT 10"
        ):
            self._flaws.append((seq, Flaw(None, None, f"the record of sealed part {seq} is gone")))

    def _end(self, writer: _Writer) -> None:
        """A writer's last record is the one that its head names, and the head is signed."""
        head, seen = writer.head, writer.seen
        wseq: Any = head.wseq
        if self._vkeys is not None:
            try:
                # A key that was replaced signs no writer that began with another one.
                keys = [one for one in self._vkeys if writer.key in {None, one.key_id.hex()}]
                signed = verify_head(str(writer.note), keys)
            except VerificationError as error:
                self._flaw(writer, None, f"its head does not hold: {error}")
                return
            if signed != head:
                self._flaw(writer, None, "its head differs from the signed one")
                return
            writer.signed = True
        if not isinstance(wseq, int):
            self._flaw(writer, None, "its head is no head")
        elif seen < head.wseq:
            missing = f"records {seen + 1} to {head.wseq} are missing"
            self._flaw(writer, seen + 1, f"{missing}, and no signature covers those before")
        elif seen > head.wseq:
            self._flaw(writer, head.wseq + 1, "records stand after its head")
        elif writer.chain != head.chain:
            what = "its records do not lead to its head: some from here on were rewritten"
            self._flaw(writer, writer.first, what)
        else:
            writer.ends = True

    def _witnesses(self) -> None:
        """Each writer named the last records of others when it began: they must still be there."""
        numbers = {writer.id: number for number, writer in self._writers.items()}
        for seq, by, detail in self._witnessed:
            self._seq = seq
            try:
                self._witness(numbers, by, detail)
            except (ValueError, KeyError, TypeError, AttributeError):
                self._flaw(self._writers[numbers[by]], 0, "its header is no header")

    def _witness(self, numbers: dict[str, int], by: str, detail: dict[str, Any]) -> None:
        for writer, (wseq, chain) in detail["heads"].items():
            if not self._holds(numbers.get(writer), wseq, chain):
                what = f"writer {by} saw record {wseq} of it, which is not there any more"
                self._flaw(None, wseq, what, name=writer)
        if "former" in detail:
            former = detail["former"]
            self._notes.append(
                f"writer {by} replaced {former['writer']}, which had reached record"
                f" {former['wseq']}: {former['reason']}"
            )

    def _holds(self, number: int | None, wseq: int, chain: str) -> bool:
        rows = self._reader.rows(
            "SELECT chain FROM records WHERE writer = ? AND wseq = ?", (number, wseq)
        )
        return bool(rows) and isinstance(rows[0][0], bytes) and rows[0][0].hex() == chain

    def _flaw(
        self,
        writer: _Writer | None,
        wseq: int | None,
        what: str,
        when: str | None = None,
        name: str | None = None,
    ) -> None:
        name = name if writer is None else writer.id
        if len(self._flaws) < _MAX_FLAWS:
            self._flaws.append((self._seq, Flaw(name, wseq, what, when)))

    def _report(self) -> Report:
        ordered = [flaw for _, flaw in sorted(self._flaws, key=lambda found: found[0])]
        writers = tuple(
            WriterReport(
                w.id,
                w.records,
                (w.first, w.seen) if w.ends and w.first <= w.seen else None,
                w.closed,
                w.signed,
            )
            for w in self._writers.values()
        )
        records = sum(writer.records for writer in writers)
        counts = (records, self._sealed, self._opened, self._erased)
        return Report(writers, tuple(ordered), tuple(self._notes), *counts)
