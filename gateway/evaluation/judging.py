"""Reads labelled texts with the scanners and keeps what came of each, but not what it said."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gateway.evaluation.rows import Span
from gateway.scan.engine import Engine
from gateway.terms import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gateway.evaluation.rows import Row
    from gateway.scan.finding import Finding
    from gateway.terms import Provenance, ScannerSpec

__all__ = ["Judge", "Judged", "Speed"]


@dataclass(frozen=True, slots=True)
class Judged:
    """What the scanners made of one labelled text.

    Attributes:
        source: The set it comes from.
        kind: A word of ``rows.KINDS``.
        provenance: As whose text it was read.
        score: The highest score of an injection, from 0 to 1; 0 if there was no sign of one.
        flagged: Whether an injection scanner of the policy acts on it.
        blocked: Whether it blocks it.
        secret: Whether a secret was found.
        found: Entity and place of each finding of personal data.
        spans: What should have been found.
        entity: The only type for which it was labelled, if there is one.
    """

    source: str
    kind: str
    provenance: Provenance
    score: float
    flagged: bool
    blocked: bool
    secret: bool
    found: tuple[Span, ...]
    spans: tuple[Span, ...]
    entity: str


@dataclass(frozen=True, slots=True)
class Speed:
    """Processor time of first readings: ``seconds`` for ``bytes`` of UTF-8 in ``texts`` texts."""

    texts: int
    bytes: int
    seconds: float

    @property
    def ms_per_kb(self) -> float:
        """Milliseconds for each 1 024 bytes."""
        return self.seconds * 1000 / max(self.bytes / 1024, 1e-9)


class Judge:
    """The scanners of a policy, asked for every score there is and not only for what it acts on.

    Args:
        specs: The scanners.

    Attributes:
        speed: Per set, up to the first slash of its name, what reading its texts cost.
    """

    def __init__(self, specs: Sequence[ScannerSpec]) -> None:
        self._specs = {spec.name: spec for spec in specs}
        self._names = tuple(self._specs)
        self._engine = Engine([_lowered(spec) for spec in specs])
        self._timed: set[tuple[int, Provenance]] = set()
        self.speed: dict[str, Speed] = {}

    def judge(self, rows: Iterable[Row]) -> Iterator[Judged]:
        """What comes of each row; of a harmless one as a user's text, and as a tool's."""
        for row in rows:
            both: tuple[Provenance, ...] = ("user", "tool")
            for source in both if row.provenance is None else (row.provenance,):
                yield self._judged(row, source)

    def _judged(self, row: Row, provenance: Provenance) -> Judged:
        started = time.process_time()
        scan = self._engine.scan(row.text, provenance, self._names)
        self._count(row, provenance, time.process_time() - started)
        injections = [one for one in scan.findings if self._kind(one) == "injection"]
        actions = [self._action(one) for one in injections]
        return Judged(
            row.source,
            row.kind,
            provenance,
            max((one.score for one in injections), default=0.0),
            Action.FLAG in actions or Action.BLOCK in actions,
            Action.BLOCK in actions,
            any(self._kind(one) == "secrets" for one in scan.findings),
            tuple(_span(one) for one in scan.findings if self._kind(one) == "pii"),
            row.spans,
            row.entity,
        )

    def _count(self, row: Row, provenance: Provenance, seconds: float) -> None:
        """A text that was read before is recalled, so only the first time tells what it costs."""
        key = (hash(row.text), provenance)
        if key in self._timed:
            return
        self._timed.add(key)
        name = row.source.partition("/")[0]
        before = self.speed.get(name, Speed(0, 0, 0.0))
        size = len(row.text.encode("utf-8", "surrogatepass"))
        self.speed[name] = Speed(before.texts + 1, before.bytes + size, before.seconds + seconds)

    def _kind(self, finding: Finding) -> str:
        return self._specs[finding.scanner].kind

    def _action(self, finding: Finding) -> Action:
        spec = self._specs[finding.scanner]
        if finding.score >= spec.block_at:
            return Action.BLOCK
        return Action.FLAG if finding.score >= spec.flag_at else Action.ALLOW


def _lowered(spec: ScannerSpec) -> ScannerSpec:
    """Reports every score: a finding from 0 on is flagged."""
    return replace(spec, flag_at=0.0) if spec.kind == "injection" else spec


def _span(finding: Finding) -> Span:
    return Span(finding.start, finding.end, finding.entity)
