"""A text read together with what stands before it, in the time that it takes to read it alone.

Most texts wear no disguise, and no rule of injections matches in them or over their beginning. All
that has to be asked of the two together is then asked of both at once; where it is not so, None
says that each has to be read by itself. What comes of it is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.scan.judging import judged_behind
from gateway.scan.normalise import plainer
from gateway.scan.views import has_view, is_plain
from gateway.scan.vocabulary import ONE_TEXT

if TYPE_CHECKING:
    from gateway.scan.reader import Hit
    from gateway.scan.selection import Selection

__all__ = ["joined_hits"]


def joined_hits(
    before: str, text: str, alone: Selection, across: Selection
) -> tuple[tuple[Hit, ...], tuple[Hit, ...]] | None:
    """The hits of a text, and those of it with what stands before it; None where it takes longer.

    Args:
        before: What stands before, up to the end of a line.
        text: The text.
        alone: What to look for in the text.
        across: What to look for in both together: some of the same rules, and the same questions
            to the model.
    """
    whole = before + text
    with ONE_TEXT:
        found = (
            alone.reader.read_behind(before, text, across.reader)
            if _is_plain(whole, text)
            else None
        )
    if found is None:
        return None
    judged_alone, judged_whole = judged_behind(before, text, across.heads)
    return (*found, *judged_alone), tuple(judged_whole)


def _is_plain(whole: str, text: str) -> bool:
    """Whether neither a text nor its end has a view beside itself."""
    known = is_plain(whole)
    if known is not None:
        return known
    # Where the text has one, that takes less time to see.
    return plainer(whole) == whole and not has_view(text) and not has_view(whole)
