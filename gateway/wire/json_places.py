"""The places of texts in a body of an endpoint's own, as pointers declare them.

What a pointer leads to is a text, or an object or a list of texts; null stands for absence.
Everything else is read as what nobody knows: ``unknown`` texts, keys and long numbers among them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from gateway.pointers import EVERY, parse_pointer
from gateway.wire.exchange import ChosenKey
from gateway.wire.leaves import everything
from gateway.wire.reading import record, unknown_member

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.pointers import Steps
    from gateway.terms import Provenance
    from gateway.wire.exchange import Path
    from gateway.wire.leaves import Finder, Shape

__all__ = ["Places"]


class Places:
    """One place of a body, and what is declared at it or below it.

    Args:
        pointers: The steps from here to each declared place, none of which leads into another.
        beside: Shapes of members of this object that no pointer names.
    """

    __slots__ = ("_every", "_is_text", "_known", "_members")

    def __init__(
        self, pointers: Iterable[Steps], beside: Mapping[str, Shape] | None = None
    ) -> None:
        below = list(pointers)
        self._is_text = () in below
        first = {steps[0] for steps in below if steps}
        # What is declared for every member is declared for one with a name, too.
        self._known = {key: _below(below, key, EVERY) for key in sorted(first - {EVERY})}
        self._every = _below(below, EVERY) if EVERY in first else None
        known: dict[str, Shape] = {key: one.read for key, one in self._known.items()}
        self._members = record({**(beside or {}), **known})

    @classmethod
    def declared(cls, pointers: Iterable[str], beside: Mapping[str, Shape] | None = None) -> Self:
        """The places of a whole body.

        Raises:
            ValueError: One of the pointers is none.
        """
        return cls(map(parse_pointer, pointers), beside)

    def read(self, found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
        """Finds the texts at and below this place. A ``Shape``."""
        if value is None:
            return
        if self._is_text:
            _read_text(found, value, path)
        elif isinstance(value, dict):
            self._read_object(found, value, path, provenance)
        elif isinstance(value, list) and self._has_items:
            self._read_list(found, value, path)
        else:
            raise found.wrong(path, "an object or a list" if self._has_items else "an object")

    def emptied(self, value: Any) -> Any:
        """The value without its texts: what is declared stays and says nothing, all else goes."""
        if isinstance(value, str):
            return ""
        if isinstance(value, dict):
            return {
                key: self._known[key].emptied(value[key]) for key in value if key in self._known
            }
        if isinstance(value, list):
            places = [] if self._is_text else [self._at(index) for index in range(len(value))]
            return [
                one.emptied(inner) if one else None
                for one, inner in zip(places, value, strict=False)
            ]
        return None

    @property
    def _has_items(self) -> bool:
        return self._every is not None or any(key.isdecimal() for key in self._known)

    def _at(self, index: int) -> Places | None:
        return self._known.get(str(index), self._every)

    def _read_object(
        self, found: Finder, value: dict[str, Any], path: Path, provenance: Provenance
    ) -> None:
        if self._every is None:
            self._members(found, value, path, provenance)
            return
        for key, inner in value.items():
            own = self._known.get(key)
            if own is None:
                found.add(key, (*path, ChosenKey(key)), "user", rewritable=False)
            step = ChosenKey(key) if own is None else key
            (own or self._every).read(found, inner, (*path, step), provenance)

    def _read_list(self, found: Finder, value: list[Any], path: Path) -> None:
        for index, inner in enumerate(value):
            place = self._at(index)
            if place is None:
                unknown_member(found, index, inner, path)
            else:
                place.read(found, inner, (*path, index), "unknown")


def _below(pointers: Iterable[Steps], *first: str) -> Places:
    return Places(steps[1:] for steps in pointers if steps and steps[0] in first)


def _read_text(found: Finder, value: Any, path: Path) -> None:
    if not isinstance(value, (str, dict, list)):
        raise found.wrong(path, "a text, or an object or a list of texts")
    everything(found, value, path, "user")
