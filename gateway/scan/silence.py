"""Remembers short texts in which nothing is found and nothing begins.

Models write words, one at a time, and most of them mean nothing to any detector. A text is *silent*
if, in each of its layers, no detector finds anything in it, no match that begins in it could end
behind it, and no escape or encoded run begins in it. All of that is a matter of the text alone: a
match that begins in a silent text would begin with the rest of that text, which is no beginning of
a match. So what was silent once is silent wherever it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.scan.decode import open_run
from gateway.scan.normalise import LAYERS, has_escape, unfold

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.scan.normalise import Layer

__all__ = ["Silence", "Silent"]

_LONGEST: Final = 24
"""Characters of a text that is worth remembering: a word with what stands beside it."""
_MOST: Final = 8192


class Silent(NamedTuple):
    """The part of a text before its last word, which may be or become an encoded run.

    Attributes:
        chars: How many characters it has.
        layers: It, and what stands under its disguises.
    """

    chars: int
    layers: tuple[str, ...]


class Silence:
    """The silent texts of one set of detectors; safe between threads.

    What is remembered are words in which nothing was found, the last few thousand at most. Of
    others, which may hold somebody's data, only a hash is: who shares one is read the whole way.

    Args:
        is_silent: Whether the detectors find nothing in one layer and could find nothing that
            begins in it.
    """

    __slots__ = ("_is_silent", "_known", "_loud")

    def __init__(self, is_silent: Callable[[str], bool]) -> None:
        self._is_silent = is_silent
        self._known: dict[str, Silent] = {}
        self._loud: set[int] = set()

    def of(self, text: str) -> Silent | None:
        """What of the text stands before its last word, if that is silent; None if it is not."""
        known = self._known.get(text)
        if known is not None:
            return known
        if hash(text) in self._loud:
            return None
        silent = self._of(text)
        if len(text) <= _LONGEST:
            self._remember(text, silent)
        return silent

    def _remember(self, text: str, silent: Silent | None) -> None:
        if silent is None:
            if len(self._loud) >= _MOST:
                self._loud.clear()
            self._loud.add(hash(text))
        else:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[text] = silent

    def _of(self, text: str) -> Silent | None:
        layers = _layers(text)
        while (run := open_run(top := layers[-1].text if layers else text)) < len(top):
            for layer in reversed(layers):
                run = layer.source_start(run)
            text = text[:run]
            layers = _layers(text)
        texts = (text, *(layer.text for layer in layers))
        if not text:
            return Silent(0, texts)
        if any(not one or has_escape(one) or not self._is_silent(one) for one in texts):
            return None
        return Silent(len(text), texts)


def _layers(text: str) -> list[Layer]:
    layers: list[Layer] = []
    while len(layers) < LAYERS and (layer := unfold(text)) is not None:
        layers.append(layer)
        text = layer.text
    return layers
