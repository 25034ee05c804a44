"""A text in all its layers, as it is read at one time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gateway.scan import decode
from gateway.scan.normalise import LAYERS, unfold
from gateway.scan.reader import State

if TYPE_CHECKING:
    from gateway.scan.normalise import Layer
    from gateway.scan.reader import Hit

__all__ = ["FRESH", "Stack"]

FRESH: Final = (State(),) * (LAYERS + 1)
"""The states of a text that begins."""


class Stack:
    """A text and the layers under its disguises, each with the state of what was left of it.

    Args:
        text: What was not settled yet.
        states: What is known, on each level, of the text to the left.

    Attributes:
        texts: The text and what stands under its disguises.
        distinct: How many levels to read: those with a text or a past of their own.
    """

    __slots__ = ("_layers", "_states", "distinct", "texts")

    def __init__(self, text: str, states: tuple[State, ...]) -> None:
        self.texts = [text]
        self._layers: list[Layer] = []
        self._states = states
        while len(self._layers) < LAYERS and (layer := unfold(self.texts[-1])) is not None:
            self._layers.append(layer)
            self.texts.append(layer.text)
        self.distinct = len(self.texts) if states is FRESH else self._distinct()

    def _distinct(self) -> int:
        """Levels to read: those with a text of their own, and those with a past of their own."""
        for level in range(LAYERS, len(self.texts) - 1, -1):
            this, other = self._states[level], self._states[level - 1]
            if this is not other and this != other:
                return level + 1
        return len(self.texts)

    @property
    def top(self) -> int:
        """The level under all disguises; those above it, up to ``LAYERS``, have the same text."""
        return len(self._layers)

    def text(self, level: int) -> str:
        """What stands on a level."""
        return self.texts[min(level, self.top)]

    def index_above(self, level: int, index: int) -> int:
        """The place in the next level that belongs to a place in this one."""
        if level >= self.top:
            return index
        layer = self._layers[level]
        return layer.index(layer.snap(index))

    def source_start(self, level: int, index: int) -> int:
        """Where in the text itself begins what a place of a level comes from."""
        for layer in reversed(self._layers[:level]):
            index = layer.source_start(index)
        return index

    def to_source(self, level: int, hit: Hit) -> Hit:
        """A hit of a level, in the places of the text itself."""
        for layer in reversed(self._layers[:level]):
            start, end = layer.source_start(hit.start), layer.source_end(hit.end)
            hit = replace(
                hit,
                origin=layer.source_start(hit.origin),
                start=start,
                end=end,
                stop=layer.source_end(hit.stop),
                hidden=hit.hidden or layer.hides(start, end),
            )
        return hit

    def snap(self, cut: int, *, runs: bool) -> list[int]:
        """The place of the cut in each text, moved left until it cuts no unit and no piece."""
        places = [cut]
        for level, layer in enumerate(self._layers):
            whole = layer.snap(places[-1])
            if whole < places[-1]:
                return self.snap(self.source_start(level, whole), runs=runs)
            places.append(layer.index(whole))
        if runs:
            whole = decode.snap(self.texts[-1], places[-1])
            if whole < places[-1]:
                return self.snap(self.source_start(len(self._layers), whole), runs=runs)
        return places

    def states_after(self, places: list[int], own: list[list[Hit]]) -> tuple[State, ...]:
        """The states of all levels once each is read up to its place, with hits of its own."""
        if len(own) == 1:
            return (self._states[0].after(self.texts[0], places[0], own[0]),) * (LAYERS + 1)
        states = [
            self._states[level].after(
                self.text(level), places[min(level, len(places) - 1)], own[level]
            )
            for level in range(len(own))
        ]
        return (*states, *[states[-1]] * (LAYERS + 1 - len(states)))
