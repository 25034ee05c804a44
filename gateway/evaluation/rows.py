"""Labelled texts, as JSON lines: what each says, and what should be found in it.

A line is an object with ``text`` and either ``label`` (1: an attack or a secret, 0: harmless) or
``spans`` (``[{"start", "end", "type"}]`` in code points, what should be found there). It may say
``source`` (the set it comes from; else the file's name), ``kind``, ``provenance`` and ``entity``
(the only type of the spans that the row was labelled for).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway.errors import ConfigurationError, Place, Problem
from gateway.terms import PROVENANCES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateway.terms import Provenance

__all__ = ["ATTACKS", "KINDS", "Row", "Span", "read_rows"]

ATTACKS: Final = frozenset({"attack", "direct", "jailbreak", "indirect", "indirect-payload"})
"""Kinds of rows in which somebody tries to give a model orders."""
KINDS: Final = ATTACKS | {
    *("benign", "benign-hard", "harmful"),
    *("pii", "pii-pattern", "secret", "secret-negative"),
}
"""``benign-hard`` looks like an attack and is none; ``harmful`` asks for harm in plain words, which
is no injection; in ``pii-pattern`` some texts nearly are what is looked for."""
_DATA: Final = frozenset({"indirect", "indirect-payload"})
_WRONG: Final = 0
_RIGHT: Final = 1


@dataclass(frozen=True, slots=True)
class Span:
    """What should be found: code points from ``start`` to before ``end``, and of which type."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """One labelled text.

    Attributes:
        text: What it says.
        source: The set it comes from.
        kind: A word of ``KINDS``.
        provenance: Who is to have written it; None where both a user and a tool could have.
        spans: What should be found, where the row was labelled by spans.
        entity: The only type for which it was labelled; empty where it was for all of its set.
    """

    text: str
    source: str
    kind: str
    provenance: Provenance | None
    spans: tuple[Span, ...] = ()
    entity: str = ""


def read_rows(file: Path) -> Iterator[Row]:
    """The rows of a file.

    Raises:
        ConfigurationError: It cannot be read, or a line is no labelled text.
    """
    try:
        lines = file.read_bytes().split(b"\n")
    except OSError as error:
        raise _wrong(Place(str(file)), f"cannot be read: {error.strerror}") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _row(line, Place(str(file), number, 1), file.stem)


def _row(line: bytes, place: Place, name: str) -> Row:
    try:
        given = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise _wrong(place, "the line is not JSON") from None
    if not isinstance(given, dict) or not isinstance(given.get("text"), str):
        raise _wrong(place, "the line is not an object with a string 'text'")
    kind = _kind(given, place)
    provenance = given.get("provenance", _provenance(kind))
    if provenance not in (*PROVENANCES, None):
        raise _wrong(place, f"'provenance' is none of {', '.join(PROVENANCES)}")
    source, entity = given.get("source", name), given.get("entity", "")
    if not isinstance(source, str) or not isinstance(entity, str):
        raise _wrong(place, "'source' and 'entity' are names")
    spans = _spans(given, place) if "pii" in kind else ()
    return Row(given["text"], source, kind, provenance, spans, entity)


def _provenance(kind: str) -> Provenance | None:
    """Harmless texts are measured as a user's and as a tool's, as both must let them pass."""
    if kind in _DATA:
        return "tool"
    return None if kind in {"benign", "benign-hard"} else "user"


def _kind(given: dict[str, Any], place: Place) -> str:
    kind: Any = given.get("kind") or _kind_by_label(given)
    if not isinstance(kind, str) or kind not in KINDS:
        message = f"the line has no 'label' of 0 or 1, no 'spans', nor a 'kind' of {_words(KINDS)}"
        raise _wrong(place, message)
    return kind


def _kind_by_label(given: dict[str, Any]) -> str:
    if "label" in given:
        return {_RIGHT: "attack", _WRONG: "benign"}.get(given["label"], "")
    return "pii" if "spans" in given else ""


def _spans(given: dict[str, Any], place: Place) -> tuple[Span, ...]:
    try:
        spans = tuple(Span(one["start"], one["end"], one["type"]) for one in given["spans"])
    except (KeyError, TypeError):
        raise _wrong(place, "'spans' is not a list of objects with start, end and type") from None
    size = len(given["text"])
    if not all(_lies_in(one.start, one.end, size) and _is_name(one.type) for one in spans):
        raise _wrong(place, "a span does not lie in the text, or its type is not a name")
    return spans


def _lies_in(start: Any, end: Any, size: int) -> bool:
    return type(start) is int and type(end) is int and 0 <= start < end <= size


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _words(words: frozenset[str]) -> str:
    return ", ".join(sorted(words))


def _wrong(place: Place, message: str) -> ConfigurationError:
    advice = "write one JSON object per line, as docs/detection.md shows"
    return ConfigurationError(Problem(place, message, advice))
