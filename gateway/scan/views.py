"""What a whole text says once its disguises are taken off.

For rules, values, secrets and classifiers alike: each reads the views and maps what it finds back
to the text that came. Texts that arrive in pieces are read by ``channel`` instead, which undoes
what can be undone exactly in a stream.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from gateway.scan.bidi import left_to_right
from gateway.scan.ciphers import stretches, turned_words, turned_words_in
from gateway.scan.code_points import numbered
from gateway.scan.encoded import encoded
from gateway.scan.gates import Gate, open_gates, open_gates_of
from gateway.scan.glued import GLUED, glued
from gateway.scan.leet import leet
from gateway.scan.normalise import LAYERS, has_escape, plainer, way_back
from gateway.scan.parted import PartedText, ends_of, parts_of
from gateway.scan.patches import Patch, Stretch
from gateway.scan.spelling import rows, spelled
from gateway.scan.upside_down import upright
from gateway.scan.utf8 import has_bytes, utf8, utf8_pieces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.scan.glued import Row
    from gateway.scan.normalise import Layer
    from gateway.scan.parted import Said
    from gateway.scan.patches import Span, Unit

__all__ = ["TURNED", "View", "has_view", "is_plain", "views"]

DEPTH: Final = 3
"""Disguises over one another that are taken off, beside those of single characters."""
_MOST: Final = 16
"""Views of a text beside the first."""
_TIMES: Final = 3
_SHORT: Final = 8192
"""All views beside the first have at most ``_TIMES`` as many characters as the text, or these."""
_COUNTED: Final = frozenset({Gate.LEET})
_ENCODED: Final = frozenset({Gate.ENCODED})
_LONG: Final = 2**20
"""Characters of a text that is not held a second time with its characters folded."""
TURNED: Final = frozenset(
    {
        *("leet", "spelled", "spelling alphabet", "Morse", "reversed", "reversed words"),
        *(GLUED, "pig latin", "Atbash", "shifted alphabet", "upside down", "bidi override"),
    }
)
"""Disguises of words. What was digits or names before may be anything in such a view, so that only
sentences are worth looking for in it."""


@dataclass(frozen=True, slots=True, repr=False)
class View:
    """One reading of a text.

    Attributes:
        text: What it says; the first view of a long text may hold that in parts.
        span: From a span of ``text`` that is not empty, given as start and end, to the span of the
            original that says it; offsets in code points.
        disguises: What was taken off, by name; empty where nothing was.
        gapless: Whether it is letters with nothing between words, for ``gapless_hits`` alone.
    """

    text: Said
    span: Span
    disguises: frozenset[str]
    gapless: bool = False


def views(text: str) -> Iterator[View]:
    """The readings of ``text``: first the text itself with its characters folded, always.

    Those that follow wear one disguise less than one before. A text without disguises has one view.
    Parts of a long text that have nothing to do with a disguise may be missing from its view.
    """
    raw = View(text, _same, frozenset())
    first = _first(raw, text)
    yield first
    left, seen = max(_TIMES * len(text), _SHORT), {text}
    queue = deque([(first, 0)])
    queue.extend((_without(raw, one), 1) for one in _of_characters(text))
    count = 0
    while queue:
        view, depth = queue.popleft()
        if depth:
            said = str(view.text)
            if said in seen or first.text == said:
                continue
            left -= len(said)
            if left < 0 or count == _MOST:
                return
            seen.add(said)
            count += 1
            yield view
        if depth < DEPTH:
            queue.extend((one, depth + 1) for one in _less_disguised(view))


def is_plain(text: str) -> bool | None:
    """Whether a text has one view, itself, and each part of it that is cut at blanks as well.

    None where other disguises may be in it than words with digits: then it takes longer to tell,
    and says nothing of the parts. Those words tell of a disguise where there are enough of them,
    and a part has no more.
    """
    if not text.isascii() or has_escape(text):
        return None
    data = text.encode()
    gates = open_gates(data)
    if not gates <= _COUNTED or turned_words(data):
        return None
    return not gates or next(leet(text), None) is None


def has_view(text: str) -> bool:
    """Whether a text has a view beside itself."""
    return any(view.text != text for view in views(text))


def _same(start: int, end: int) -> tuple[int, int]:
    return start, end


def _chained(outer: Span, inner: Span) -> Span:
    if outer is _same:
        return inner
    return lambda start, end: outer(*inner(start, end))


def _first(raw: View, text: str) -> View:
    """A text as it came with its characters folded."""
    wears = len(text) >= _LONG and not (text.isascii() and not has_escape(text))
    ends = ends_of(text) if wears else None
    if ends is None:
        return _folded(raw)
    parted = PartedText(text, ends, _folded_part)
    return View(parted, parted.span, frozenset({"folded"})) if parted.changed else raw


def _folded_part(text: str) -> tuple[str, Span]:
    view = _folded(View(text, _same, frozenset()))
    return str(view.text), view.span


def _folded(view: View) -> View:
    """The view with escapes undone and characters folded."""
    text, span, disguises = str(view.text), view.span, view.disguises
    for _ in range(LAYERS):
        plain = plainer(text)
        if plain == text:
            break
        text, span, disguises = plain, _chained(span, _span_of(text)), disguises | {"folded"}
    return View(text, span, disguises)


def _span_of(text: str) -> Span:
    """The way back to a text from its layer, which few ask for."""
    layer: Layer | None = None

    def span(start: int, end: int) -> tuple[int, int]:
        nonlocal layer
        layer = layer or way_back(text)
        return (layer.source_start(start), layer.source_end(end)) if layer else (start, end)

    return span


def _of_characters(text: str) -> Iterator[Stretch]:
    """Disguises that cannot be seen any more once characters are folded."""
    if not text.isascii():
        yield from left_to_right(text)
        yield from upright(text)


def _less_disguised(view: View) -> Iterator[View]:
    gates, turned = _signs(view.text)
    patch, together = _undone(view.text, gates)
    if patch is not None and patch.names:
        names = view.disguises | patch.names
        yield _folded(View(patch.text, _chained(view.span, patch.span), names))
    if turned:
        for one in stretches(view.text):
            yield _without(view, one)
    if Gate.LEET in gates:
        for one in leet(view.text):
            yield _without(view, one)
    if together is not None:
        yield replace(_without(view, together), gapless=True)


def _signs(text: Said) -> tuple[frozenset[Gate], bool]:
    """What may stand in a text, and whether words are turned in it."""
    if isinstance(text, str) and has_bytes(text):
        data = utf8(text)
        return open_gates(data), turned_words(data)
    # Its bytes are as much once more: mostly nobody has to look for places in all of them.
    turned = False

    def looked_at() -> Iterator[bytes]:
        nonlocal turned
        for piece in utf8_pieces(text):
            turned = turned or turned_words_in((piece,))
            yield piece

    return open_gates_of(looked_at()), turned


def _undone(text: Said, gates: frozenset[Gate]) -> tuple[Patch | None, Stretch | None]:
    """How a text reads without what stands for other characters in it, and its letters alone."""
    parted = not isinstance(text, str) and Gate.ENCODED in gates
    if parted and not any(_is_encoded(part) for _, part in parts_of(text)):
        # What is encoded in one line has no blank in it: so it would stand in a part.
        gates -= _ENCODED
    if gates <= _COUNTED:
        return None, None
    whole = str(text)
    data = utf8(whole)
    letters = [*rows(whole, data, gates)]
    return Patch(whole, _units(whole, data, gates, letters)), glued(whole, letters)


def _is_encoded(part: str) -> bool:
    return any(True for _ in encoded(part, utf8(part), _ENCODED))


def _without(view: View, one: Stretch) -> View:
    return _folded(View(one.text, _chained(view.span, one.span), view.disguises | {one.name}))


def _units(
    text: str, data: bytes | memoryview, gates: frozenset[Gate], letters: list[Row]
) -> Iterator[Unit]:
    yield from encoded(text, data, gates)
    yield from numbered(text, data, gates)
    yield from spelled(text, letters)
