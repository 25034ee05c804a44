"""What a whole text says once its disguises are taken off.

For rules, values, secrets and classifiers alike: each reads the views and maps what it finds back
to the text that came. Texts that arrive in pieces are read by ``channel`` instead, which undoes
what can be undone exactly in a stream.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gateway.scan import decode
from gateway.scan.normalise import LAYERS, unfold
from gateway.scan.patches import Patch, Unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.scan.normalise import Layer
    from gateway.scan.patches import Span

__all__ = ["View", "views"]

DEPTH: Final = 3
"""Disguises over one another that are taken off, beside those of single characters."""


@dataclass(frozen=True, slots=True, repr=False)
class View:
    """One reading of a text.

    Attributes:
        text: What it says.
        span: From a span of ``text`` that is not empty, given as start and end, to the span of the
            original that says it; offsets in code points.
        disguises: What was taken off, by name; empty where nothing was.
    """

    text: str
    span: Span
    disguises: frozenset[str]


def views(text: str) -> Iterator[View]:
    """The readings of ``text``: first the text itself with its characters folded, always.

    Those that follow wear one disguise less than one before. A text without disguises has one view.
    """
    view = _folded(View(text, _same, frozenset()))
    yield view
    for _ in range(DEPTH):
        units = [
            Unit(piece.start, piece.end, piece.text, "encoded", piece.span)
            for piece in decode.pieces(view.text)
        ]
        if not units:
            return
        patch = Patch(view.text, units)
        view = _folded(
            View(patch.text, _chained(view.span, patch.span), view.disguises | patch.names)
        )
        yield view


def _same(start: int, end: int) -> tuple[int, int]:
    return start, end


def _chained(outer: Span, inner: Span) -> Span:
    if outer is _same:
        return inner
    return lambda start, end: outer(*inner(start, end))


def _folded(view: View) -> View:
    """The view with escapes undone and characters folded."""
    text, span, disguises = view.text, view.span, view.disguises
    for _ in range(LAYERS):
        layer = unfold(text)
        if layer is None:
            break
        text, span, disguises = layer.text, _chained(span, _span_of(layer)), disguises | {"folded"}
    return View(text, span, disguises)


def _span_of(layer: Layer) -> Span:
    return lambda start, end: (layer.source_start(start), layer.source_end(end))
