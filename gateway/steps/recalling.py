"""What a run of texts came to where it stood: told again without looking at each finding anew.

A chat sends its history again each turn, and mostly at the same places. So of a run that is known,
the notes of what was found are kept ready, with the places of values in the texts; the values
themselves, and what stands for them, come from each call.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from gateway.audit.record import FindingNote
from gateway.terms import Action
from gateway.wire.exchange import INWARD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateway.scan.finding import Finding, Scan
    from gateway.scan.runs import Run
    from gateway.wire.exchange import Path, Text

__all__ = ["NoteKey", "Recollection", "Spot", "note_of", "recollection"]

NoteKey: TypeAlias = "tuple[str, str, str, Action]"
"""Scanner, entity, place and action: what is noted once, however often it is found."""

_PLAIN: Final = frozenset({str, int})


class Spot(NamedTuple):
    """Where a value stands.

    Attributes:
        number: The number of its text in the run.
        where: The place of the text, as a JSON Pointer.
        entity: What was found.
        start: Its first character.
        end: The character after it.
    """

    number: int
    where: str
    entity: str
    start: int
    end: int


class Recollection(NamedTuple):
    """What is told of a run at these places.

    Attributes:
        places: Where the texts stand in which something was found.
        action: The strongest action.
        blocker: Scanner and entity of the first finding that blocks.
        scanners: Those that found something.
        notes: What the record says of it.
        spots: Where the values stand, in the order in which they were found.
        changing: The numbers of the texts in which something is to be replaced, and their scans.
    """

    places: tuple[Path, ...]
    action: Action
    blocker: tuple[str, str] | None
    scanners: frozenset[str]
    notes: Mapping[NoteKey, FindingNote]
    spots: tuple[Spot, ...]
    changing: tuple[tuple[int, Scan], ...]


def recollection(run: Run, texts: Sequence[Text]) -> Recollection | None:
    """What is told of a run that was read before; None where each finding has to be looked at.

    That is so of places that pointers do not tell apart, of texts that say again what others say or
    that cannot be rewritten, and of what several texts say together.

    Args:
        run: The run, in which something was found; it keeps what is worked out here.
        texts: The same texts, of this call.
    """
    places: list[Path] = []
    for one in run.found:
        text = texts[one.number]
        if text.again or not text.rewritable or one.across:
            return None
        places.append(text.path)
    # What a client chose as a key is equal to a key of ours, and may not be told.
    if not _PLAIN.issuperset(map(type, chain.from_iterable(places))):
        return None
    told: Recollection | None = run.told
    if told is None or told.places != tuple(places):
        if not INWARD.isdisjoint(chain.from_iterable(places)):
            return None
        told = run.told = _worked_out(run, texts, tuple(places))
    return told


def _worked_out(run: Run, texts: Sequence[Text], places: tuple[Path, ...]) -> Recollection:
    spots: list[Spot] = []
    counts: dict[NoteKey, tuple[float, int]] = {}
    for one in run.found:
        where = texts[one.number].where
        for it in one.scan.findings:
            spots.append(Spot(one.number, where, it.entity, it.start, it.end))
            key = (it.scanner, it.entity, where, it.action)
            score, count = counts.get(key, (0.0, 0))
            counts[key] = (max(score, it.score), count + 1)
    findings = [it for one in run.found for it in one.scan.findings]
    return Recollection(
        places,
        max((one.action for one in findings), default=Action.ALLOW),
        _blocker(findings),
        frozenset(one.scanner for one in findings),
        {key: note_of(key, score, count) for key, (score, count) in counts.items()},
        tuple(spots),
        tuple((one.number, one.scan) for one in run.found if one.scan.replacements),
    )


def note_of(key: NoteKey, score: float, count: int) -> FindingNote:
    """What the record says of something that was found so often, with this score at the most."""
    scanner, entity, where, action = key
    return FindingNote(scanner, entity, where, round(score, 3), action.word, count)


def _blocker(findings: Iterable[Finding]) -> tuple[str, str] | None:
    return next(((one.scanner, one.entity) for one in findings if one.action is Action.BLOCK), None)
