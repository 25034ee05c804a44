"""Do the writers' chains hold, each up to its signed head?

The signature stands at the end of a chain and reaches back as far as the links hold. Where one
does not, the record there is bad *or one before it was rewritten*: only what follows it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from gateway.audit.chain import GENESIS, is_pruned, link_leaf, stored_leaf
from gateway.audit.head import Head, verify_head
from gateway.audit.key_change import said
from gateway.audit.report import WriterReport
from gateway.audit.store.schema import columns
from gateway.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gateway.audit.findings import Findings
    from gateway.audit.note import Verifier
    from gateway.audit.store.base import Reader
    from gateway.audit.verify_pruned import PrunedCheck
    from gateway.audit.verify_rows import Row

__all__ = ["Chains"]

_ODD = (ValueError, KeyError, TypeError, AttributeError)
"""Whoever can write to the store can also write a header of any shape."""


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
    lost: bool = False
    signed: bool = False
    ends: bool = False
    key: str | None = None


class Chains:
    """Checks records as they pass, writer by writer.

    Args:
        reader: The store.
        vkeys: The log's public keys; None where signatures are not checked.
        findings: Takes what is found.
        part: What is wrong with the sealed part of a record whose header holds.
        pruned: Says which headers may be gone.
    """

    def __init__(
        self,
        reader: Reader,
        vkeys: Sequence[Verifier] | None,
        findings: Findings,
        part: Callable[[Row], str | None],
        pruned: PrunedCheck,
    ) -> None:
        self._reader, self._vkeys = reader, vkeys
        self._findings, self._part, self._pruned = findings, part, pruned
        self._told: list[tuple[int, str, str, dict[str, Any]]] = []
        self._writers = {
            number: _Writer(name, Head(name, wseq, chain), note)
            for number, name, wseq, chain, note in reader.rows(
                "SELECT number, id, wseq, chain, head FROM writers ORDER BY number"
            )
        }

    def begin(self, first: int) -> None:
        """Takes at their word what writers had written before a ``seq``."""
        earlier = self._reader.rows(
            "SELECT r.writer, r.wseq, r.chain FROM records r JOIN (SELECT max(seq) AS seq FROM"
            " records WHERE seq < ? GROUP BY writer) l ON l.seq = r.seq",
            (first,),
        )
        for number, wseq, chain in earlier:
            if number in self._writers:
                writer = self._writers[number]
                writer.first, writer.seen, writer.chain = wseq + 1, wseq, chain

    def name(self, number: int) -> str | None:
        """The id of a writer by its number in the store."""
        writer = self._writers.get(number)
        return None if writer is None else writer.id

    def record(self, row: Row) -> None:
        """Checks the next record."""
        writer = self._writers.get(row.writer)
        if writer is None:
            self._findings.flaw("the record belongs to no writer", wseq=row.wseq)
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
            wseq = min(expected, writer.seen)
            self._findings.flaw(flaw, writer.id, wseq, row.fields.get("time"))

    def end(self) -> None:
        """Checks where each writer ends, and what they told of each other."""
        self._tell()
        self._findings.at_the_end()
        for writer in self._writers.values():
            self._end(writer)

    def reports(self) -> tuple[WriterReport, ...]:
        """All writers, in the order in which they began."""
        return tuple(
            WriterReport(
                w.id,
                w.records,
                (w.first, w.seen) if w.ends and w.first <= w.seen else None,
                w.closed or w.lost,
                w.signed,
            )
            for w in self._writers.values()
        )

    def _link(self, writer: _Writer, row: Row) -> str | None:
        expected = writer.seen + 1
        if not isinstance(row.wseq, int) or not isinstance(row.header, bytes):
            return "it is no record"
        if row.wseq > expected:
            return f"records {expected} to {row.wseq - 1} are missing"
        if row.wseq < expected:
            return f"it stands after record {expected - 1}"
        if link_leaf(writer.chain, stored_leaf(row.header)) != row.chain:
            return "it was changed or added, or records before it were rewritten"
        return "it stands after writer.close" if writer.closed else None

    def _content(self, writer: _Writer, row: Row) -> str | None:
        if is_pruned(row.header):
            return self._pruned.header_gone(row.seq)
        try:
            return self._header(writer, row) or self._part(row)
        except _ODD:
            return "its header is no header"

    def _header(self, writer: _Writer, row: Row) -> str | None:
        fields = orjson.loads(row.header)
        if (fields["id"], fields["writer"], fields["wseq"]) != (row.id, writer.id, row.wseq):
            return "its header is that of another record"
        row.fields = fields
        self._pruned.header_there(row.seq, fields["stage"])
        if columns(fields) != row.columns:
            return "its columns differ from its header"
        stage, detail = fields["stage"], fields.get("detail") or {}
        if (stage == "writer.open") != (row.wseq == 0):
            return "writer.open does not stand first"
        if row.wseq == 0:
            writer.key = detail.get("key")
        if stage in {"writer.open", "writer.lost"}:
            self._told.append((row.seq, stage, writer.id, detail))
        if stage == "key.changed":
            self._findings.notes.append(f"writer {writer.id}: {said(detail)} ({fields['time']})")
        return None

    def _end(self, writer: _Writer) -> None:
        """A writer's last record is the one that its head names, and the head is signed."""
        flaw, head, seen = self._findings.flaw, writer.head, writer.seen
        wseq: Any = head.wseq
        if self._vkeys is not None and not self._is_signed(writer, self._vkeys):
            return
        if not isinstance(wseq, int):
            flaw("its head is no head", writer.id)
        elif seen < head.wseq:
            missing = f"records {seen + 1} to {head.wseq} are missing"
            flaw(f"{missing}, and no signature covers those before", writer.id, seen + 1)
        elif seen > head.wseq:
            flaw("records stand after its head", writer.id, head.wseq + 1)
        elif writer.chain != head.chain:
            what = "its records do not lead to its head: some from here on were rewritten"
            flaw(what, writer.id, writer.first)
        else:
            writer.ends = True

    def _is_signed(self, writer: _Writer, vkeys: Sequence[Verifier]) -> bool:
        # A key that was replaced signs no writer that began with another one.
        keys = [one for one in vkeys if writer.key in {None, one.key_id.hex()}]
        try:
            signed = verify_head(str(writer.note), keys)
        except VerificationError as error:
            self._findings.flaw(f"its head does not hold: {error}", writer.id)
            return False
        if signed != writer.head:
            self._findings.flaw("its head differs from the signed one", writer.id)
            return False
        writer.signed = True
        return True

    def _tell(self) -> None:
        """What writers said of each other's last records must still be so."""
        numbers = {writer.id: number for number, writer in self._writers.items()}
        for seq, stage, by, detail in self._told:
            self._findings.seq = seq
            try:
                if stage == "writer.open":
                    self._opened(numbers, by, detail)
                else:
                    self._lost(numbers, by, detail)
            except _ODD:
                self._findings.flaw("its header is no header", by, 0)

    def _opened(self, numbers: dict[str, int], by: str, detail: dict[str, Any]) -> None:
        for writer, (wseq, chain) in detail["heads"].items():
            if not self._holds(numbers.get(writer), wseq, chain):
                what = f"writer {by} saw record {wseq} of it, which is not there any more"
                self._findings.flaw(what, writer, wseq)
        if "former" in detail:
            former = detail["former"]
            self._findings.notes.append(
                f"writer {by} replaced {former['writer']}, which had reached record"
                f" {former['wseq']}: {former['reason']}"
            )

    def _lost(self, numbers: dict[str, int], by: str, detail: dict[str, Any]) -> None:
        """A writer that vanished was ended by another: it has written nothing since."""
        name, wseq, number = detail["writer"], detail["wseq"], numbers.get(detail["writer"])
        if not self._holds(number, wseq, detail["chain"]):
            what = f"writer {by} ended it at record {wseq}, which is not there any more"
            self._findings.flaw(what, name, wseq)
        if number is not None:
            writer = self._writers[number]
            writer.lost = True
            if writer.seen > wseq:
                what = f"it stands after the end that writer {by} made for it (writer.lost)"
                self._findings.flaw(what, name, wseq + 1)
        self._findings.notes.append(
            f"writer {name} vanished after record {wseq}; writer {by} ended it"
        )

    def _holds(self, number: int | None, wseq: int, chain: str) -> bool:
        rows = self._reader.rows(
            "SELECT chain FROM records WHERE writer = ? AND wseq = ?", (number, wseq)
        )
        return bool(rows) and isinstance(rows[0][0], bytes) and rows[0][0].hex() == chain
