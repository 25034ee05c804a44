"""Text that is written backward and shown forward by a right-to-left override."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gateway.scan.patches import Patch, Stretch, Unit, backward

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["left_to_right"]

_OVERRIDDEN: Final = re.compile("\u202e([^\u202a-\u202e\u2066-\u2069\n]+)")


def left_to_right(text: str) -> Iterator[Stretch]:
    """The text as a reader sees it, where overrides turn parts of it."""
    units = [
        Unit(*found.span(1), found[1][::-1], "", backward(found.end(1)))
        for found in _OVERRIDDEN.finditer(text)
    ]
    if units:
        patch = Patch(text, units)
        yield Stretch(patch.text, patch.span, "bidi override")
