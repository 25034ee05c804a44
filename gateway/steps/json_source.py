"""Scans JSON that cannot be taken apart: as it is written, and with its escapes undone.

Whoever gets such a text may still take it apart in some way of his own, so nothing may leave that
is a finding in either reading.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

from gateway.scan.finding import Scan
from gateway.wire.json_pieces import unescaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.scan.engine import Engine
    from gateway.scan.finding import Finding, Replacement
    from gateway.scan.rewriting import Words
    from gateway.terms import Action, Provenance

__all__ = ["scan_source"]


def scan_source(
    engine: Engine, source: str, provenance: Provenance, scanners: Sequence[str], words: Words
) -> Scan:
    """What is found in a text that was to be JSON; arguments as for ``Engine.scan``."""
    written = engine.scan(source, provenance, scanners, words)
    if "\\" not in source:
        return written
    plain, places = unescaped(source)
    meant = engine.scan(plain, provenance, scanners, words)
    if not meant.findings and not meant.replacements:
        return written
    findings = [*written.findings, *_new(meant.findings, written.findings, places)]
    replacements = [*written.replacements, *(_placed(one, places) for one in meant.replacements)]
    return Scan(
        tuple(sorted(findings, key=lambda one: (one.start, one.end, one.scanner, one.entity))),
        written.chars,
        max(written.action, meant.action),
        tuple(sorted(replacements, key=lambda one: (one.start, -one.end))),
    )


def _placed(one: Replacement, places: list[int]) -> Replacement:
    start, end = places[one.start], places[one.end]
    unknown = one.unknown and replace(one.unknown, start=start, end=end)
    return replace(one, start=start, end=end, unknown=unknown)


def _new(
    meant: Iterable[Finding], written: Iterable[Finding], places: list[int]
) -> Iterable[Finding]:
    """Findings in their places in the source, without those that were found there as well."""
    spans = defaultdict[tuple[str, str, "Action"], list[tuple[int, int]]](list)
    for one in written:
        spans[one.scanner, one.entity, one.action].append((one.start, one.end))
    known = {
        kind: ([start for start, _ in found], list(accumulate((end for _, end in found), max)))
        for kind, found in spans.items()
    }
    for one in meant:
        start, end = places[one.start], places[one.end]
        starts, ends = known.get((one.scanner, one.entity, one.action), ((), ()))
        before = bisect_right(starts, start) - 1
        if before < 0 or ends[before] < end:
            yield replace(one, start=start, end=end)
