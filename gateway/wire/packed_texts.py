"""Very many texts of one body, held as little more than their places in it.

A text as such is an object, a path and a number of its own: 200 bytes, besides what it says. Of a
body whose list of messages is held as text, texts are held as the kind of place that they stand at
and its numbers, and made anew when somebody looks at them, from what stands at their places.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gateway.ingress.in_parts import InParts
from gateway.wire.embedded import parse_embedded
from gateway.wire.exchange import EMBEDDED, Path, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateway.terms import Provenance

__all__ = ["BLOCK", "PackedTexts"]

BLOCK: Final = 128
"""Texts that are packed together, at the least; as many and more are there while one is read."""
_MOST_KINDS: Final = 4096
_UNKNOWN: Final = _MOST_KINDS
_STEPS: Final = (str, int)
"""Chosen keys are equal to others, and of another kind."""


class _Kind(NamedTuple):
    """What many texts have in common.

    Attributes:
        steps: Their paths, with None in place of numbers.
        numbers: Where the numbers belong.
        is_key: Whether the text is the last step itself.
        provenance: As in ``Text``, and so are the others.
    """

    steps: tuple[Any, ...]
    numbers: tuple[int, ...]
    is_key: bool
    provenance: Provenance
    rewritable: bool
    json: bool
    again: bool
    apart: bool


class _Block(NamedTuple):
    """Some texts: their kinds, the numbers in their paths, and those of no kind by their places."""

    kinds: array[int]
    numbers: array[int]
    others: Mapping[int, Text]


class PackedTexts(InParts[Text]):
    """The texts of a body; any number of threads may read them.

    Args:
        body: The body; it stays as it is.
    """

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._body: Any = body
        self._kinds: dict[_Kind, int] = {}
        self._known: list[_Kind] = []
        self._blocks: list[_Block] = []
        self.measure(())

    def add(self, texts: Sequence[Text]) -> None:
        """Packs some more texts."""
        kinds, numbers = array("H"), array("I")
        others: dict[int, Text] = {}
        for place, text in enumerate(texts):
            kind = self._kind(text)
            kinds.append(kind)
            if kind == _UNKNOWN:
                others[place] = text
            else:
                numbers.extend(step for step in text.path if type(step) is int)
        self._blocks.append(_Block(kinds, numbers, others))
        self.firsts.append(self.length)
        self.length += len(kinds)

    def make(self, number: int) -> list[Text]:
        """Some texts."""
        kinds, numbers, others = self._blocks[number]
        texts: list[Text] = []
        at = 0
        for place, kind in enumerate(kinds):
            if kind == _UNKNOWN:
                texts.append(others[place])
                continue
            known = self._known[kind]
            path: list[Any] = list(known.steps)
            for index in known.numbers:
                path[index] = numbers[at]
                at += 1
            value = path[-1] if known.is_key else _value(self._body, path)
            texts.append(Text(value, known.provenance, tuple(path), *known[4:]))
        return texts

    def _kind(self, text: Text) -> int:
        """The number of the kind of a text; ``_UNKNOWN`` where it cannot be had from the body."""
        path = text.path
        is_key = path[-1] == text.value
        plain = all(type(step) in _STEPS for step in path)
        if not plain or not (is_key or self._holds(path, text.value)):
            return _UNKNOWN
        kind = _Kind(
            tuple(None if type(step) is int else step for step in path),
            tuple(index for index, step in enumerate(path) if type(step) is int),
            is_key,
            text.provenance,
            text.rewritable,
            text.json,
            text.again,
            text.apart,
        )
        number = self._kinds.get(kind, len(self._known))
        if number == len(self._known) < _MOST_KINDS:
            self._kinds[kind] = number
            self._known.append(kind)
        return number

    def _holds(self, path: Path, value: str) -> bool:
        try:
            found = _value(self._body, path)
        except (KeyError, IndexError, TypeError):
            return False
        return type(found) is str and found == value


def _value(body: Any, path: Iterable[str | int]) -> Any:
    """What stands at a place, also in JSON within a string."""
    for step in path:
        body = parse_embedded(body) if step == EMBEDDED else body[step]
    return body
