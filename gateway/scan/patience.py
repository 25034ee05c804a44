"""How long texts may be read: in processor time of the thread that reads them.

Reading takes time in proportion to a text, and a text that is nothing but candidates takes fifty
times what prose does. Waiting for other threads is not counted, so that load alone makes nobody
impatient.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from math import inf
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Patience", "ScanTimeout", "go_on", "patience"]

_EACH: Final = 0.002
"""Seconds more for each text: every one of them takes a third of this, however short it is."""
_OFTEN: Final = 32
"""Steps between two looks at the clock, which is a call of the system."""


class ScanTimeout(Exception):
    """Texts took longer to read than they may."""


class _Reading(threading.local):
    """What a thread may still take, and its steps until it looks at the clock."""

    until: float = inf
    left: int = _OFTEN


_READING: Final = _Reading()


@contextmanager
def patience(seconds: float, texts: int = 0) -> Iterator[None]:
    """Bounds the processor time that this thread reads for; within another bound, by both.

    It is asked at every text and every candidate. What a text takes as a whole, by an automaton or
    the embedded model, is not interrupted.

    Args:
        seconds: From now on. Past it ``go_on`` raises at every step.
        texts: How many texts are read; what each takes at the least comes on top.
    """
    seconds += texts * _EACH
    outer = _READING.until
    _READING.until = min(outer, time.thread_time() + seconds)
    try:
        yield
    finally:
        _READING.until = outer


class Patience:
    """A bound of its own on what is read in several stretches, amid other reading.

    Args:
        seconds: For all stretches together.
        texts: As for ``patience``.
    """

    __slots__ = ("_left",)

    def __init__(self, seconds: float, texts: int = 0) -> None:
        self._left = seconds + texts * _EACH

    @contextmanager
    def stretch(self) -> Iterator[None]:
        """A stretch of it, which takes nothing of the time of what it stands amid."""
        around, began = _READING.until, time.thread_time()
        _READING.until = began + self._left
        try:
            yield
        finally:
            taken = time.thread_time() - began
            self._left -= taken
            _READING.until = around + taken


def go_on(*, look: bool = False) -> None:
    """A step of reading, of some microseconds.

    Args:
        look: Look at the clock now: the step may be a long one.

    Raises:
        ScanTimeout: The bound is passed.
    """
    reading = _READING
    if reading.until == inf:
        return
    reading.left -= 1
    if reading.left > 0 and not look:
        return
    if time.thread_time() > reading.until:
        # Whoever goes on all the same, with another text, learns it at once.
        reading.left = 0
        raise ScanTimeout
    reading.left = _OFTEN
