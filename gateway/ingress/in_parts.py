"""Sequences that are made part by part while they are looked at, and held in a smaller form."""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final, TypeVar, overload

__all__ = ["InParts"]

_T = TypeVar("_T")

_RECENT: Final = 2
"""Parts that are kept as they were made: who goes through texts looks back a little."""


class InParts(Sequence[_T]):
    """A sequence of which parts are made anew each time; any number of threads may read it.

    Attributes:
        firsts: The index of the first item of each part.
        length: How many items there are.
    """

    firsts: list[int]
    length: int
    _recent: tuple[tuple[int, Sequence[_T]], ...] = ()

    @abstractmethod
    def make(self, number: int) -> Sequence[_T]:
        """A part; nobody changes it."""

    def measure(self, sizes: Sequence[int]) -> None:
        """Says how many items there are in each part."""
        self.firsts, self.length = [], 0
        for size in sizes:
            self.firsts.append(self.length)
            self.length += size

    def part(self, number: int) -> Sequence[_T]:
        """A part, made anew if it was not made just now."""
        for known, items in self._recent:
            if known == number:
                return items
        items = self.make(number)
        self._recent = ((number, items), *self._recent[: _RECENT - 1])
        return items

    def forget(self) -> None:
        """Keeps no part as it was made."""
        self._recent = ()

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, at: int) -> _T: ...

    @overload
    def __getitem__(self, at: slice) -> list[_T]: ...

    def __getitem__(self, at: int | slice) -> _T | list[_T]:
        if isinstance(at, slice):
            return [self._item(index) for index in range(*at.indices(self.length))]
        return self._item(self.index_of(at))

    def __iter__(self) -> Iterator[_T]:
        for number in range(len(self.firsts)):
            yield from self.part(number)

    def index_of(self, at: int) -> int:
        """An index that may count from the end, as one that counts from the beginning.

        Raises:
            IndexError: There is no such item.
        """
        index = at + self.length if at < 0 else at
        if not 0 <= index < self.length:
            raise IndexError("there is no such item")
        return index

    def _item(self, index: int) -> _T:
        number = bisect_right(self.firsts, index) - 1
        return self.part(number)[index - self.firsts[number]]
