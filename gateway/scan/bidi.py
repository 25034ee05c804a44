"""Text that is written backward and shown forward by a right-to-left override."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gateway.scan.patches import Patch, Stretch, Unit, backward

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["left_to_right"]

_OVERRIDE: Final = "\u202e"
_OVERRIDDEN: Final = re.compile(f"{_OVERRIDE}([^\u202a-\u202e\u2066-\u2069\n]+)")


def left_to_right(text: str) -> Iterator[Stretch]:
    """The text as a reader sees it, where overrides turn parts of it."""
    turned, count = _OVERRIDDEN.subn(_turned, text)
    if not count:
        return
    patch: Patch | None = None

    def span(start: int, end: int) -> tuple[int, int]:
        """The way back, which few ask for."""
        nonlocal patch
        patch = patch or Patch(text, _units(text))
        return patch.span(start, end)

    yield Stretch(turned, span, "bidi override")


def _turned(found: re.Match[str]) -> str:
    return _OVERRIDE + found[1][::-1]


def _units(text: str) -> Iterator[Unit]:
    for found in _OVERRIDDEN.finditer(text):
        start, end = found.span(1)
        yield Unit(start, end, found[1][::-1], "", backward(end))
