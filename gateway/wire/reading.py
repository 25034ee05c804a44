"""Shapes of bodies: which of their strings are texts, and whose.

A *shape* reads one value and adds the texts in it to a ``Finder``. Shapes are built once, from
the small ones of ``leaves`` into the large one of a whole body, and read like the provider's
reference. Nothing is skipped because nobody knows it: strings at places that no shape names are
texts of provenance ``unknown`` (in an answer: ``answer``), with the keys of objects there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.ingress.held_list import HeldList
from gateway.wire.exchange import Path, pointer
from gateway.wire.leaves import Finder, Shape, everything
from gateway.wire.spellings import ANYTHING, MODEL, NUMBERS, foreign_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.terms import Provenance

__all__ = [
    "blocks",
    "counted",
    "either",
    "fields",
    "in_answers",
    "listing",
    "naming",
    "record",
    "said_by",
    "speaker",
    "unknown_member",
]


def fields(names: str, shape: Shape) -> dict[str, Shape]:
    """One shape for each of some keys, given in one string with spaces."""
    return dict.fromkeys(names.split(), shape)


def said_by(whose: Provenance, shape: Shape) -> Shape:
    """The shape, with a provenance of its own."""

    def read(found: Finder, value: Any, path: Path, _: Provenance) -> None:
        shape(found, value, path, whose)

    return read


def speaker(found: Finder, role: Any, path: Path, roles: Mapping[str, Provenance]) -> Provenance:
    """Whose a message with this ``role`` is; ``path`` leads to the message.

    In a request a role that the API does not have is refused: many servers write any into the
    prompt as it stands, or take it in another case, and nobody here could say who speaks.
    """
    if not isinstance(role, str):
        raise found.wrong((*path, "role"), "a string")
    if role not in roles and not found.in_answer:
        raise found.wrong((*path, "role"), f"one of {', '.join(sorted(roles))}")
    return roles.get(role, "unknown")


def in_answers(whose: Provenance, shape: Shape) -> Shape:
    """The shape, with a provenance of its own where the model answers now."""

    def read(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
        shape(found, value, path, whose if found.in_answer else provenance)

    return read


def counted(what: str, shape: Shape) -> Shape:
    """The shape of a part that has no text of its own, such as an image; it is counted."""

    def read(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
        found.counts[what] = found.counts.get(what, 0) + 1
        shape(found, value, path, provenance)

    return read


def naming(word: str, shape: Shape) -> Shape:
    """The shape of a part that names a parameter where no rule looks for it."""

    def read(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
        found.foreign.add(word)
        shape(found, value, path, provenance)

    return read


def record(known: Mapping[str, Shape]) -> Shape:
    """An object with known keys; null stands for absence, unknown keys are free JSON.

    In a request a key that is a known one but for its case is refused: a parser behind us that
    ignores case would read another body than we did.
    """
    folded = {key.casefold(): key for key in known}

    def read(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
        if not isinstance(value, dict):
            raise found.wrong(path, "an object")
        for key, inner in value.items():
            shape = known.get(key)
            if shape is None:
                _unknown(found, key, inner, path, folded)
            elif inner is not None:
                shape(found, inner, (*path, key), provenance)

    return read


def listing(shape: Shape) -> Shape:
    """A list of values of one shape."""

    def read(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
        if not isinstance(value, list):
            raise found.wrong(path, "a list")
        for index, inner in enumerate(value):
            shape(found, inner, (*path, index), provenance)
            found.passed(value, path)

    return read


def either(
    *, string: Shape | None = None, items: Shape | None = None, members: Shape | None = None
) -> Shape:
    """A string, a list or an object, each with a shape of its own."""
    shapes: dict[Any, Shape | None] = {str: string, list: items, dict: members, HeldList: items}
    words = {"a string": string, "a list": items, "an object": members}
    wanted = " or ".join(word for word, shape in words.items() if shape)

    def read(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
        shape = shapes.get(type(value))
        if shape is None:
            raise found.wrong(path, wanted)
        shape(found, value, path, provenance)

    return read


def blocks(kinds: Mapping[str, Shape], otherwise: Shape | None = None) -> Shape:
    """An object whose ``type`` says which shape it has; one of no known type is free JSON.

    For all that is known, such a one is an image, or the definition of a tool.
    """
    fallback = otherwise or said_by("unknown", everything)

    def read(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
        if not isinstance(value, dict):
            raise found.wrong(path, "an object")
        kind = value.get("type")
        if not isinstance(kind, str):
            raise found.wrong((*path, "type"), "a string")
        shape = kinds.get(kind)
        if shape is None:
            shape = fallback
            found.foreign |= ANYTHING
        shape(found, value, path, provenance)

    return read


def _unknown(found: Finder, key: str, inner: Any, path: Path, folded: Mapping[str, str]) -> None:
    meant = folded.get(key.casefold())
    if meant is not None and not found.in_answer:
        raise found.fault(f"{pointer((*path, meant))} is spelt in another case")
    found.stray(path)
    found.add(key, (*path, key), "unknown", rewritable=False)
    unknown_member(found, key, inner, path)


def unknown_member(found: Finder, step: str | int, inner: Any, path: Path) -> None:
    """A value at a place that nobody knows, in an object or a list that somebody does: free JSON.

    Raises:
        BadRequest: It may name another model than the one that the policy is asked about, or a
            prompt in numbers.
    """
    everything(found, inner, (*path, step), "unknown")
    if not found.in_answer:
        words = foreign_words(str(step), inner, path)
        holder = pointer(path) or "the body"
        if MODEL in words:
            raise found.fault(f"{holder} has an unknown member that names another model")
        if NUMBERS in words:
            message = "has an unknown member that spells a prompt in numbers: send text"
            raise found.fault(f"{holder} {message}")
        found.foreign |= words
