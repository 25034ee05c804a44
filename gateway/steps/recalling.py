"""What a run of texts came to where it stood: told again without looking at each finding anew.

A chat sends its history again each turn, and mostly at the same places. So of a run that is known,
the notes of what was found are kept ready, with the places of values in the texts; the values
themselves, and what stands for them, come from each call.
"""

from __future__ import annotations

from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from gateway.audit.record import FindingNote
from gateway.scan.rewriting import single
from gateway.terms import Action
from gateway.wire.exchange import INWARD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateway.scan.finding import Finding, Scan
    from gateway.scan.rewriting import Single
    from gateway.scan.runs import Run
    from gateway.wire.exchange import Path, Text

__all__ = ["Change", "NoteKey", "Recollection", "Spot", "note_of", "recollection"]

NoteKey: TypeAlias = "tuple[str, str, str, Action]"
"""Scanner, entity, place and action: what is noted once, however often it is found."""

_PLAIN: Final = frozenset({str, int})
# A chat has many texts, and these look at one in a tenth of the time of a loop.
_AGAIN, _REWRITABLE, _PATH = map(attrgetter, ("again", "rewritable", "path"))


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


class Change(NamedTuple):
    """A text in which something is to be replaced.

    Attributes:
        number: The number of the text in its run.
        scan: What was found in it.
        single: What is to be replaced, where it is known to be one thing in a text that may be
            rewritten and is no JSON.
    """

    number: int
    scan: Scan
    single: Single | None = None


class Recollection(NamedTuple):
    """What is told of a run at these places.

    Attributes:
        numbers: The numbers of the texts in which something was found.
        places: Where these stand.
        action: The strongest action.
        blocker: Scanner and entity of the first finding that blocks.
        scanners: Those that found something.
        notes: What the record says of it.
        spots: Where the values stand, in the order in which they were found.
        changing: The texts in which something is to be replaced.
    """

    numbers: tuple[int, ...]
    places: tuple[Path, ...]
    action: Action
    blocker: tuple[str, str] | None
    scanners: frozenset[str]
    notes: Mapping[NoteKey, FindingNote]
    spots: tuple[Spot, ...]
    changing: tuple[Change, ...]


def recollection(run: Run, texts: Sequence[Text]) -> Recollection | None:
    """What is told of a run that was read before; None where each finding has to be looked at.

    That is so of places that pointers do not tell apart, of texts that say again what others say or
    that cannot be rewritten, and of what several texts say together.

    Args:
        run: The run, in which something was found; it keeps what is worked out here.
        texts: The same texts, of this call.
    """
    told: Recollection | None = run.told
    numbers = told.numbers if told is not None else tuple([one.number for one in run.found])
    ours = [texts[number] for number in numbers]
    if any(map(_AGAIN, ours)) or not all(map(_REWRITABLE, ours)):
        return None
    places = tuple(map(_PATH, ours))
    # What a client chose as a key is equal to a key of ours, and may not be told.
    if not _PLAIN.issuperset(map(type, chain.from_iterable(places))):
        return None
    if told is None or told.places != places:
        if any(one.across for one in run.found):
            return None
        if not INWARD.isdisjoint(chain.from_iterable(places)):
            return None
        told = run.told = _worked_out(run, texts, numbers, places)
    return told


def _worked_out(
    run: Run, texts: Sequence[Text], numbers: tuple[int, ...], places: tuple[Path, ...]
) -> Recollection:
    spots: list[Spot] = []
    counts: dict[NoteKey, tuple[float, int]] = {}
    findings: list[Finding] = []
    for number, scan, _ in run.found:
        where = texts[number].where
        findings += scan.findings
        for it in scan.findings:
            spots.append(Spot(number, where, it.entity, it.start, it.end))
            key = (it.scanner, it.entity, where, it.action)
            known = counts.get(key)
            counts[key] = (max(known[0], it.score), known[1] + 1) if known else (it.score, 1)
    return Recollection(
        numbers,
        places,
        max((one.action for one in findings), default=Action.ALLOW),
        _blocker(findings),
        frozenset(one.scanner for one in findings),
        {key: note_of(key, score, count) for key, (score, count) in counts.items()},
        tuple(spots),
        tuple(_change(one.number, one.scan) for one in run.found if one.scan.replacements),
    )


def _change(number: int, scan: Scan) -> Change:
    return Change(number, scan, single(scan.chars, scan.replacements))


def note_of(key: NoteKey, score: float, count: int) -> FindingNote:
    """What the record says of something that was found so often, with this score at the most."""
    scanner, entity, where, action = key
    return FindingNote(scanner, entity, where, round(score, 3), action.word, count)


def _blocker(findings: Iterable[Finding]) -> tuple[str, str] | None:
    return next(((one.scanner, one.entity) for one in findings if one.action is Action.BLOCK), None)
