"""Does the log hold? Everything that can be checked from the store, in one pass over its records.

Chains and sealed parts (``verify_chains``, ``verify_parts``), the tree over all records
(``verify_tree``), the checkpoints that were signed of it and what witnesses and mirrors know
(``verify_checkpoints``). What was signed and is known outside of the store cannot be taken back by
who owns the store; without anything from outside, an older copy of the whole store goes unseen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.audit.findings import Findings
from gateway.audit.opener import Opener
from gateway.audit.report import Report, TreeReport
from gateway.audit.store.opening import open_reader
from gateway.audit.verify_chains import Chains
from gateway.audit.verify_checkpoints import Checkpoints, Trust
from gateway.audit.verify_index import IndexCheck
from gateway.audit.verify_parts import Parts
from gateway.audit.verify_pruned import PrunedCheck
from gateway.audit.verify_rows import first_since, records_from
from gateway.audit.verify_tree import TreeCheck
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.audit.recipients import AuditorKey
    from gateway.audit.store.base import Reader

__all__ = ["Trust", "verify"]

_FIRST: Final = -(2**62)
"""Before every record, also before those that somebody has put where none belong."""


def verify(
    store_url: str,
    trust: Trust | None = None,
    since: int | None = None,
    keys: Sequence[AuditorKey] | None = None,
) -> Report:
    """Checks a store, also while writers write to it.

    Args:
        store_url: ``sqlite:///PATH``.
        trust: The log's public keys, without which signatures are not checked (a note says so),
            and what is known from outside.
        since: Unix milliseconds; earlier records are not checked, and a note says so.
        keys: Auditors' private keys; with them every sealed part is opened.

    Raises:
        ConfigurationError: The URL is no store's.
        AuditUnavailable: The store cannot be read.
    """
    openers = [Opener(key) for key in keys or ()]
    with open_reader(store_url) as reader, reader.snapshot():
        return _Check(reader, trust or Trust(), openers).run(since)


class _Check:
    def __init__(self, reader: Reader, trust: Trust, openers: Sequence[Opener]) -> None:
        self._reader, self._trust = reader, trust
        self._findings = Findings()
        self._index = IndexCheck(reader, self._findings)
        self._pruned = PrunedCheck(reader, self._findings)
        self._parts = Parts(reader, openers, self._pruned)
        self._chains = Chains(reader, trust.vkeys, self._findings, self._parts.flaw, self._pruned)
        self._checkpoints = Checkpoints(reader, trust, self._findings, self._pruned)
        self._tree = TreeCheck(reader, self._findings, self._checkpoints.grown)

    def run(self, since: int | None) -> Report:
        findings, last = self._findings, 0
        if self._trust.vkeys is None:
            findings.notes.append(
                "signatures were not checked: no verifier key (log.vkey) was given"
            )
        try:
            self._pruned.begin(whole=since is None)
            self._index.begin()
            start = self._start(since)
            for row in records_from(self._reader, start):
                findings.seq = last = row.seq
                self._chains.record(row)
                self._tree.record(row, self._chains.name(row.writer))
                self._checkpoints.record(row)
                self._index.record(row)
            self._strays()
            self._chains.end()
            self._tree.end()
            self._index.end()
            self._checkpoints.end(self._tree, max(last, start - 1))
            self._pruned.end()
        except AuditUnavailable as error:
            findings.flaw(f"the store cannot be read to its end: {error.reason}")
        return self._report()

    def _start(self, since: int | None) -> int:
        """The first ``seq`` to check; what stands before it is taken at its word."""
        if since is None:
            self._tree.begin(0)
            self._checkpoints.begin(0)
            return _FIRST
        start = first_since(self._reader, since)
        self._chains.begin(start)
        self._tree.begin(start - 1)
        self._checkpoints.begin(start - 1)
        self._findings.notes.append("records before the given time were not checked")
        return start

    def _strays(self) -> None:
        """Sealed parts whose record is gone."""
        for (seq,) in self._reader.rows(
            "SELECT seq FROM sealed s"
            " WHERE NOT EXISTS (SELECT 1 FROM records r WHERE r.seq = s.seq) LIMIT 10"
        ):
            self._findings.seq = seq
            self._findings.flaw(f"the record of sealed part {seq} is gone")

    def _report(self) -> Report:
        writers, parts = self._chains.reports(), self._parts
        records = sum(writer.records for writer in writers)
        counts = (records, parts.sealed, parts.opened, parts.erased)
        notes = tuple(self._findings.notes)
        return Report(
            writers,
            tuple(self._findings.flaws),
            notes,
            *counts,
            self._tree_report(),
            self._pruned.headers,
            self._pruned.parts,
        )

    def _tree_report(self) -> TreeReport:
        checked = self._checkpoints
        newest, witnessed = checked.newest, checked.witnessed
        return TreeReport(
            self._tree.size,
            checked.count,
            newest.checkpoint.size if newest else 0,
            newest.time if newest else None,
            witnessed.checkpoint.size if witnessed else None,
        )
