"""JSON Pointers (RFC 6901) that say where texts stand, with ``*`` for every member.

A step ``*`` stands for every item of a list and every member of an object. A pointer begins with
``/``: the whole of a body has no name here. No step of one is empty, as a slash too many would be.
"""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["EVERY", "Steps", "overlapping", "parse_pointer"]

EVERY: Final = "*"
"""The step that stands for every member."""

Steps = tuple[str, ...]
"""The keys and indices of a pointer, unescaped; indices as they are written."""

_ESCAPE: Final = re.compile(r"~(?![01])")
_MAX_STEPS: Final = 16
_MAX_CHARS: Final = 256


def parse_pointer(text: str) -> Steps:
    """The steps of a pointer.

    Raises:
        ValueError: It is none, or longer than 16 steps or 256 characters.
    """
    if not text.startswith("/"):
        raise ValueError("a JSON pointer begins with '/', as /prompt")
    if len(text) > _MAX_CHARS or text.count("/") > _MAX_STEPS:
        raise ValueError(f"a pointer has at most {_MAX_STEPS} steps and {_MAX_CHARS} characters")
    if _ESCAPE.search(text) or not text.isprintable():
        raise ValueError("in a JSON pointer, '~' is written ~0 and '/' within a key ~1")
    steps = tuple(step.replace("~1", "/").replace("~0", "~") for step in text[1:].split("/"))
    if "" in steps:
        raise ValueError("a pointer here has no empty step: there is a '/' too many")
    return steps


def overlapping(pointers: Iterable[str]) -> tuple[str, str] | None:
    """The first two pointers of which one may lead to, or into, where the other does.

    Raises:
        ValueError: One of them is no pointer.
    """
    parsed = [(one, parse_pointer(one)) for one in pointers]
    return next(
        (
            (one, other)
            for (one, steps), (other, others) in combinations(parsed, 2)
            if all(a == b or EVERY in {a, b} for a, b in zip(steps, others, strict=False))
        ),
        None,
    )
