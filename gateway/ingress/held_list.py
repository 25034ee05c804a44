"""A long list of a JSON text whose items stay text, and are parsed only while they are looked at.

As values, small objects take three times what they take as text, and more. Such a list is one as
far as Python's own code can tell: it can be indexed, gone through and copied, and items of it can
be set, of which it keeps the new values. What reads it from C, as orjson does, finds in it a thing
that is no JSON, and fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn, Self

import orjson

from gateway.ingress.in_parts import InParts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["HeldList", "Part", "held_lists"]


class Part:
    """Some items of a list: how many, and their text, as it stands between brackets."""

    __slots__ = ("count", "text")

    def __init__(self, text: memoryview, count: int) -> None:
        self.text = text
        self.count = count

    def values(self) -> list[Any]:
        """The items.

        Raises:
            TypeError: The text was let go of.
        """
        items: list[Any] = orjson.loads(b"".join((b"[", self.text, b"]")))
        return items


class HeldList(InParts[Any], list[Any]):  # type: ignore[misc]  # a slice is a list in both
    """Such a list; any number of threads may read it.

    Args:
        parts: The items but for the last ones, each part proved to be items and no more.
        rest: The values of the last ones.
    """

    __hash__ = None  # as any list

    def __init__(self, parts: Sequence[Part], rest: list[Any]) -> None:
        list.__init__(self, (_HELD,))
        self._parts = parts
        self._rest = rest
        self._changed: dict[int, Any] = {}
        self.measure([*(part.count for part in parts), len(rest)])

    def make(self, number: int) -> list[Any]:
        """Some items, those that were set among them."""
        is_rest = number == len(self._parts)
        items = self._rest.copy() if is_rest else self._parts[number].values()
        if self._changed:
            for index, at in enumerate(
                range(self.firsts[number], self.firsts[number] + len(items))
            ):
                if at in self._changed:
                    items[index] = self._changed[at]
        return items

    def kept(self) -> list[tuple[int, Any]]:
        """The items that are values, with their places: those that were set, and the last ones."""
        return [*self._changed.items(), *enumerate(self._rest, self.firsts[-1])]

    def __setitem__(self, at: Any, value: Any) -> None:
        self._changed[self.index_of(at)] = value
        self.forget()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, list):
            return NotImplemented
        same = len(other) == len(self)
        return same and all(one == another for one, another in zip(self, other, strict=True))

    def __ne__(self, other: object) -> bool:
        return not self == other

    def copy(self) -> Self:
        """One whose items can be set and leave these as they are."""
        copy = type(self)(self._parts, self._rest)
        copy._changed = self._changed.copy()  # noqa: SLF001 - of this class
        return copy

    def pieces(self) -> Iterator[Sequence[Any]]:
        """The items, some at a time."""
        for number in range(len(self.firsts)):
            yield self.part(number)

    def let_go(self) -> None:
        """Lets go of the text, which may be changed from now on: items of it cannot be had."""
        for part in self._parts:
            part.text.release()
        self.forget()

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a held list keeps its length and its order")

    append = extend = insert = pop = remove = clear = sort = reverse = _refuse
    __delitem__ = __iadd__ = __imul__ = __mul__ = __rmul__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = _refuse

    def __add__(self, other: Iterable[Any]) -> Any:
        return [*self, *other]

    def __radd__(self, other: Iterable[Any]) -> Any:
        return [*other, *self]


def held_lists(body: Mapping[str, Any]) -> list[HeldList]:
    """Those among the members of a body, which need its text."""
    return [one for one in body.values() if type(one) is HeldList]


class _Held:
    """Stands in a held list where C code looks for its items."""

    __slots__ = ()


_HELD: Final = _Held()
