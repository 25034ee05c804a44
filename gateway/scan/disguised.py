"""What can be found in a whole text only once a disguise is taken off."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from gateway.scan.channel import DEPTH, Channel
from gateway.scan.gapless import gapless_hits
from gateway.scan.stand_ins import STAND_IN
from gateway.scan.views import TURNED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.scan.reader import Hit
    from gateway.scan.selection import Selection
    from gateway.scan.views import View

__all__ = ["disguised"]


def disguised(
    text: str, seen_as: Sequence[View], selection: Selection, known: Sequence[Hit]
) -> Iterator[Hit]:
    """The hits in the views of a text, beside those that are known of the text itself.

    Args:
        text: The whole text.
        seen_as: Its views.
        selection: What to look for.
        known: What was found without.
    """
    seen = {(hit.detector, hit.start, hit.end) for hit in known}
    for view in islice(seen_as, 1, None):
        said = str(view.text)
        turned = not TURNED.isdisjoint(view.disguises)
        for hit in _hits(said, view, selection):
            kind = hit.detector.kind
            if kind == STAND_IN or (turned and kind != "injection"):
                continue
            start, end = view.span(hit.start, hit.end)
            key = (hit.detector, start, end)
            if key not in seen and text[start:end] != said[hit.start : hit.end]:
                seen.add(key)
                yield replace(hit, origin=start, start=start, end=end, stop=end, hidden=True)


def _hits(said: str, view: View, selection: Selection) -> Iterator[Hit]:
    if not view.gapless:
        yield from Channel(selection, depth=DEPTH).all_hits(said)
    else:
        yield from gapless_hits(said, selection.reader.detectors)
