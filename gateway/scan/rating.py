"""From hits to what the policy makes of them: scores, actions, overlaps, replacements."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gateway.scan.finding import Finding, Replacement
from gateway.scan.guards import watches
from gateway.scan.opinions import speaks_for
from gateway.scan.stand_ins import STAND_IN, UNKNOWN_STAND_IN
from gateway.terms import GUARDS, PROMPT_INJECTION, Action, EntityRule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.scan.detector import Detector
    from gateway.scan.reader import Hit
    from gateway.terms import GuardKind, Provenance, ScannerKind, ScannerSpec

__all__ = [
    "HIDDEN_TEXT",
    "NEARBY",
    "PROMPT_INJECTION",
    "TOOL_ORDER",
    "Rated",
    "rate",
    "rule_of",
    "settle",
    "stand_in_spans",
    "stand_ins",
]

HIDDEN_TEXT: Final = "HIDDEN_TEXT"
"""What an order is called that stood in the text disguised."""
TOOL_ORDER: Final = "TOOL_ORDER"
"""What tells a model to use its tools: an attack in data, and what a user may well say."""
NEARBY: Final = 300
"""Characters to the left in which other injection signals strengthen one."""
_PER_SIGNAL: Final = 0.1
_SIGNALS: Final = 3
_AGREEMENT: Final = 0.5
"""How much of a rule's score counts beside the model's."""
_PER_DISGUISE: Final = 0.25
_DATA: Final = ("tool", "document", "tool_definition")
_UNTRUSTED: Final = 0.1
_OWN_TOOLS: Final = 0.25
"""What a document or a tool says is data; an order in it is worse than one by the user."""


@dataclass(frozen=True, slots=True)
class Rated:
    """A hit as one scanner sees it."""

    kind: ScannerKind | GuardKind
    finding: Finding
    keep_format: bool = False


def rule_of(spec: ScannerSpec, detector: Detector, entity: str = "") -> EntityRule | None:
    """What ``spec`` does with what ``detector`` finds; ``None`` if it does not look for it.

    ``entity`` is the one of the detector's entities that is meant, unless it is the first.
    """
    if spec.kind != detector.kind or speaks_for(detector, spec) is False:
        return None
    if spec.kind in GUARDS:
        return EntityRule(spec.action, 0.0) if watches(spec, detector) else None
    if spec.kind == "pattern":
        words = spec.words.get(detector.entity)
        named = spec.patterns.get(detector.entity) if words is None else words.digest
        known = named == detector.rule
        return EntityRule(spec.action, 0.0) if known else None
    if spec.kind == "pii":
        if detector.regions and detector.regions != spec.regions:
            return None
        return spec.entities.get(entity or detector.entity)
    return spec.entities.get(entity or detector.entity, EntityRule(spec.action))


def rate(
    hits: Sequence[Hit],
    specs: Sequence[ScannerSpec],
    source: Provenance,
    issued: Sequence[tuple[int, int]] = (),
) -> list[Rated]:
    """What each scanner makes of each hit, nothing twice, by start.

    Args:
        hits: All hits.
        specs: The scanners.
        source: Who wrote the text.
        issued: Where stand-ins are that we did issue, by start; nobody else chose what is in one.
    """
    rated: dict[tuple[str, str, int, int], Rated] = {}
    signals, shields = _Signals(hits), _Shields(issued)
    for hit in hits:
        if shields.cover(hit):
            continue
        for spec in specs:
            for one in _rated(hit, signals, spec, source):
                finding = one.finding
                key = (finding.scanner, finding.entity, finding.start, finding.end)
                known = rated.get(key)
                if known is None or known.finding.score < finding.score:
                    rated[key] = one
    return sorted(rated.values(), key=lambda one: one.finding.start)


def settle(rated: Sequence[Rated], start: int, end: int) -> tuple[list[Finding], list[Replacement]]:
    """The findings and replacements that begin from ``start`` to ``end``, in their order."""
    findings: list[Finding] = []
    replacements: list[Replacement] = []
    starts = [one.finding.start for one in rated]
    reach = max((one.finding.end - one.finding.start for one in rated), default=0)
    for one in rated:
        finding = one.finding
        if not start <= finding.start < end:
            continue
        first, last = bisect_left(starts, finding.start - reach), bisect_left(starts, finding.end)
        best = max((it for it in rated[first:last] if _rivals(one, it)), key=_rank, default=one)
        if best is one or _alternatives(one, best):
            findings.append(finding)
        if Action.TOKENISE <= finding.action < Action.BLOCK:
            replacements.append(_replacement(finding, best))
    findings.sort(key=lambda one: (one.start, one.end, one.scanner, one.entity))
    replacements.sort(key=lambda one: (one.start, -one.end, one.entity, one.keep_format))
    return findings, replacements


def stand_ins(hits: Sequence[Hit], reporter: str, start: int, end: int) -> list[Replacement]:
    """The stand-ins that begin from ``start`` to ``end``.

    Args:
        hits: All hits; those of other kinds are left out.
        reporter: The scanner whose finding it is if nobody issued one of them.
        start: First character.
        end: Character after the last.
    """
    found = []
    for first, last in stand_in_spans(hits):
        if start <= first < end:
            unknown = Finding(reporter, UNKNOWN_STAND_IN, first, last, 1.0, Action.FLAG)
            found.append(Replacement(first, last, "stand_in", STAND_IN, unknown=unknown))
    return found


def stand_in_spans(hits: Sequence[Hit]) -> list[tuple[int, int]]:
    """Where stand-ins are, by start: those that are read in another layer are inside of them."""
    spans: list[tuple[int, int]] = []
    places = {(hit.start, -hit.end) for hit in hits if hit.detector.kind == STAND_IN}
    for start, end in sorted(places):
        if not spans or -end > spans[-1][1]:
            spans.append((start, -end))
    return spans


def _replacement(finding: Finding, best: Rated) -> Replacement:
    """What stands for a finding's span: the best of the findings there says it."""
    tokenise = best.finding.action is Action.TOKENISE
    return Replacement(
        finding.start,
        finding.end,
        "tokenise" if tokenise else "redact",
        best.finding.entity,
        keep_format=tokenise and best.keep_format,
    )


def _rank(one: Rated) -> tuple[Action, float, int, int, str, str]:
    """Of two overlapping findings the one that ranks higher is reported."""
    it = one.finding
    return (it.action, it.score, it.end - it.start, -it.start, it.entity, it.scanner)


def _rivals(one: Rated, other: Rated) -> bool:
    mine, its = one.finding, other.finding
    return its.start < mine.end and mine.start < its.end and _same_concern(one, other)


def _alternatives(one: Rated, other: Rated) -> bool:
    """Whether a scanner says of the very same characters that they may be either."""
    mine, its = one.finding, other.finding
    same = (mine.start, mine.end, mine.scanner) == (its.start, its.end, its.scanner)
    return same and one.kind == "pii"


def _same_concern(one: Rated, other: Rated) -> bool:
    if one.kind == "injection" or other.kind == "injection":
        mine, its = one.finding, other.finding
        return (mine.scanner, mine.entity) == (its.scanner, its.entity)
    return True


class _Signals:
    """Where injection rules matched, to see which of them stand together."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        rules = [hit for hit in hits if _is_injection(hit) and not _is_model(hit)]
        self._sorted = sorted({(hit.start, hit.detector.entity) for hit in rules})
        self._scores = [(hit.start, hit.end, hit.score) for hit in rules]

    def within(self, hit: Hit) -> float:
        """The greatest score of a rule that matched in the same part of the text."""
        return max(
            (score for start, end, score in self._scores if start < hit.end and hit.start < end),
            default=0.0,
        )

    def beside(self, hit: Hit) -> int:
        """How many other families matched in the ``NEARBY`` characters to the left."""
        first = bisect_left(self._sorted, (hit.start - NEARBY + 1, ""))
        last = bisect_left(self._sorted, (hit.start, ""))
        families = {entity for _, entity in self._sorted[first:last]}
        return len(families - {hit.detector.entity})


class _Shields:
    """Our stand-ins: what scanners would find in one is none of their business."""

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]

    def cover(self, hit: Hit) -> bool:
        """Whether all of a hit stands in one stand-in."""
        place = bisect_right(self._starts, hit.start) - 1
        return place >= 0 and hit.end <= self._ends[place]


def _is_model(hit: Hit) -> bool:
    return hit.detector.entity == PROMPT_INJECTION


def _is_injection(hit: Hit) -> bool:
    return hit.detector.kind == "injection"


def _rated(hit: Hit, signals: _Signals, spec: ScannerSpec, source: Provenance) -> list[Rated]:
    if speaks_for(hit.detector, spec) is False:
        return []
    if spec.kind == "injection" and _is_injection(hit):
        return [Rated(spec.kind, one) for one in _injections(hit, signals, spec, source)]
    rule = rule_of(spec, hit.detector, hit.reading)
    if rule is None or hit.score < rule.min_score:
        return []
    entity = hit.entity
    finding = Finding(spec.shown, entity, hit.start, hit.end, hit.score, rule.action)
    return [Rated(spec.kind, finding, rule.keep_format)]


def _injections(
    hit: Hit, signals: _Signals, spec: ScannerSpec, source: Provenance
) -> list[Finding]:
    if _is_model(hit):
        # Two that suspect the same; but the words that a rule knows the model has seen as well.
        score = 1 - (1 - hit.score) * (1 - signals.within(hit) * _AGREEMENT)
        return _findings(hit, spec, [(PROMPT_INJECTION, score)])
    score = hit.score + _PER_SIGNAL * min(signals.beside(hit), _SIGNALS)
    if source in _DATA:
        score += _UNTRUSTED
    elif hit.detector.entity == TOOL_ORDER:
        score -= _OWN_TOOLS
    entities = [(hit.detector.entity, score)]
    if hit.hidden:
        entities.append((HIDDEN_TEXT, score + _PER_DISGUISE))
    return _findings(hit, spec, entities)


def _findings(hit: Hit, spec: ScannerSpec, entities: list[tuple[str, float]]) -> list[Finding]:
    return [
        Finding(spec.shown, entity, hit.start, hit.end, min(round(value, 4), 1.0), action)
        for entity, value in entities
        if (action := _by_score(spec, round(value, 4))) is not Action.ALLOW
    ]


def _by_score(spec: ScannerSpec, score: float) -> Action:
    if score >= spec.block_at:
        return Action.BLOCK
    return Action.FLAG if score >= spec.flag_at else Action.ALLOW
