"""What each kind of scanner takes, needs and can find."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.document import suggestion
from gateway.errors import Problem
from gateway.policy.word_lists import check_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from gateway.errors import Place
    from gateway.policy.known import Known
    from gateway.policy.merged import At, Merged
    from gateway.policy.schema import ScannerModel
    from gateway.terms import ScannerKind

_MODELS_FIND: Final = ("AGE", "ID", "LOCATION", "NRP", "ORGANIZATION", "PERSON", "TITLE")
"""What models find, by Presidio's names; some of it nothing else does."""

__all__ = ["KEYS", "check_entities", "check_scanners"]

KEYS: Final[Mapping[ScannerKind, tuple[str, ...]]] = {
    "injection": ("flag_at", "block_at", "ask", "grey"),
    "pii": ("entities", "regions", "ask"),
    "secrets": ("action", "entities"),
    "pattern": ("action", "patterns", "words"),
}
"""Per kind of scanner the settings that it takes, beside ``kind`` and ``on``."""
_NEEDS: Final[Mapping[ScannerKind, tuple[str, ...]]] = {
    "injection": (),
    "pii": ("entities",),
    "secrets": ("action",),
    "pattern": ("action",),
}


def check_scanners(merged: Merged, known: Known) -> Iterator[Problem]:
    """Every key, threshold, entity and pattern of a scanner that does not fit its kind."""
    for name, scanner in merged.scanners.items():
        at = merged.at["scanners", name]
        yield from _keys(scanner, at)
        yield from _thresholds(scanner, at)
        places = {entity: at.place("entities", entity) for entity in scanner.entities}
        yield from check_entities(scanner.kind, places, known, _by_models(scanner))
        yield from _asks(scanner, at, known)
        yield from _patterns(scanner, at, known)
        yield from check_words(scanner, at, known)
        yield from _regions(scanner, at, known)


def _keys(scanner: ScannerModel, at: At) -> Iterator[Problem]:
    takes = ("kind", "on", *KEYS[scanner.kind])
    for key in sorted(scanner.model_fields_set.difference(takes)):
        message = f"a scanner of kind {scanner.kind} takes no {key!r}"
        yield Problem(at.place(key), message, f"it takes {', '.join(takes)}")
    for key in _NEEDS[scanner.kind]:
        if getattr(scanner, key) in (None, {}):
            message = f"a scanner of kind {scanner.kind} needs {key!r}"
            yield Problem(at.place(key), message, "add it")
    if scanner.kind == "pattern" and not (scanner.patterns or scanner.words):
        message = "a scanner of kind pattern needs 'patterns' or 'words'"
        yield Problem(at.place("patterns"), message, "add one of them")


def _thresholds(scanner: ScannerModel, at: At) -> Iterator[Problem]:
    if scanner.block_at < scanner.flag_at:
        key = "block_at" if "block_at" in scanner.model_fields_set else "flag_at"
        message = f"block_at {scanner.block_at} is less than flag_at {scanner.flag_at}"
        yield Problem(at.place(key), message, "what is blocked must at least be flagged")


def _by_models(scanner: ScannerModel) -> Collection[str]:
    return _MODELS_FIND if scanner.ask is not None else ()


def _asks(scanner: ScannerModel, at: At, known: Known) -> Iterator[Problem]:
    """What is wrong with the model that a scanner asks."""
    if scanner.grey is not None and scanner.ask is None:
        advice = "name the model that is asked there, or take it out"
        yield Problem(at.place("grey"), "grey is for a scanner with 'ask'", advice)
    if scanner.ask is None or known.models is None:
        return
    kind = known.models.get(scanner.ask)
    if kind is None:
        message = f"there is no model {scanner.ask!r} in gateway.yaml"
        yield Problem(at.place("ask"), message, suggestion(scanner.ask, sorted(known.models)))
    elif kind != scanner.kind:
        message = f"the model {scanner.ask!r} is for scanners of kind {kind}"
        yield Problem(at.place("ask"), message, "a classifier judges injections, a reader names")


def check_entities(
    kind: ScannerKind, entities: Mapping[str, Place], known: Known, more: Collection[str] = ()
) -> Iterator[Problem]:
    """Every entity, named at a place, that scanners of a kind do not find."""
    if known.entities is None or kind not in {"pii", "secrets"}:
        return
    names = {*known.entities.get(kind, ()), *more}
    for entity, place in entities.items():
        if entity not in names:
            message = f"a scanner of kind {kind} finds no {entity!r}"
            yield Problem(place, message, suggestion(entity, sorted(names)))


def _regions(scanner: ScannerModel, at: At, known: Known) -> Iterator[Problem]:
    given = scanner.regions if "regions" in scanner.model_fields_set else ()
    for index, region in enumerate(given):
        if known.regions is not None and region not in known.regions:
            message = f"no numbering plan is known for {region!r}"
            advice = "write two capital letters of ISO 3166-1, such as US or GB"
            yield Problem(at.place("regions", index), message, advice)


def _patterns(scanner: ScannerModel, at: At, known: Known) -> Iterator[Problem]:
    if known.check_pattern is None:
        return
    for entity, pattern in scanner.patterns.items():
        wrong = known.check_pattern(pattern)
        if wrong is not None:
            yield Problem(at.place("patterns", entity), f"{entity}: {wrong}")
