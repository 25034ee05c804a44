"""Remembers short texts in which nothing is found and nothing begins.

Models write words, one at a time, and most of them mean nothing to any detector. A text is *silent*
if, in each of its layers, no detector finds anything in it, no match that begins in it could end
behind it, and no escape or encoded run begins in it. All of that is a matter of the text alone: a
match that begins in a silent text would begin with the rest of that text, which is no beginning of
a match. So what was silent once is silent wherever it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.scan.decode import open_run
from gateway.scan.normalise import LAYERS, has_escape, unfold

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Silence"]

_LONGEST: Final = 24
"""Characters of a text that is worth remembering: a word with what stands beside it."""
_MOST: Final = 8192


class Silence:
    """The silent texts of one set of detectors; safe between threads.

    What is remembered are words in which nothing was found, the last few thousand at most.

    Args:
        is_silent: Whether the detectors find nothing in one layer and could find nothing that
            begins in it.
    """

    __slots__ = ("_is_silent", "_known")

    def __init__(self, is_silent: Callable[[str], bool]) -> None:
        self._is_silent = is_silent
        self._known: dict[str, tuple[str, ...]] = {}

    def layers(self, text: str) -> tuple[str, ...] | None:
        """The text and the layers under its disguises, if it is silent; None if it is not."""
        known = self._known.get(text)
        if known is not None:
            return known
        layers = self._silent_layers(text)
        if layers is not None and len(text) <= _LONGEST:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[text] = layers
        return layers

    def _silent_layers(self, text: str) -> tuple[str, ...] | None:
        layers: list[str] = []
        while text and not has_escape(text) and open_run(text) == len(text):
            if not self._is_silent(text):
                return None
            layers.append(text)
            layer = unfold(text) if len(layers) <= LAYERS else None
            if layer is None:
                return tuple(layers)
            text = layer.text
        return None
