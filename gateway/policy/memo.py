"""A bounded memory of pure answers."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

__all__ = ["Memo"]

K = TypeVar("K")
V = TypeVar("V")


class Memo(Generic[K, V]):
    """Keeps the ``size`` answers used last.

    Threads may share it: what one forgets while another looks it up is found again.
    """

    __slots__ = ("_answers", "_size")

    def __init__(self, size: int) -> None:
        self._size = size
        self._answers: OrderedDict[K, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, key: K) -> V | None:
        """The answer to a key, if it is still known."""
        answer = self._answers.get(key)
        if answer is not None:
            try:
                self._answers.move_to_end(key)
            except KeyError:  # another thread has just made room
                return answer
        return answer

    def put(self, key: K, answer: V) -> V:
        """Keeps an answer, and forgets the one that was not used for longest."""
        self._answers[key] = answer
        if len(self._answers) > self._size:
            self._answers.popitem(last=False)
        return answer
