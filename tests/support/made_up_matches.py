"""Random texts that a regular expression matches, so that no secret stands in any file of tests."""

from __future__ import annotations

import re
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any

from gateway.scan.entropy import entropy, is_placeholder

if TYPE_CHECKING:
    from random import Random

_SETS = {
    sre.CATEGORY_DIGIT: "0123456789",
    sre.CATEGORY_WORD: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_",
}


def made_up(pattern: str, draw: Random, least: float = 0.0) -> str:
    """A text that matches: random, of at least this entropy, and no placeholder."""
    tree = sre_parser.parse(pattern)
    for _ in range(500):
        text = "".join(_text(node, draw) for node in tree)
        if re.fullmatch(pattern, text, re.ASCII) and (
            not least or (entropy(text) >= least and not is_placeholder(text))
        ):
            return text
    raise AssertionError(f"nothing random matches {pattern}")


def _text(node: Any, draw: Random) -> str:
    op, value = node
    if op is sre.LITERAL:
        return chr(value)
    if op is sre.IN:
        return draw.choice("".join(_members(value)))
    if op is sre.BRANCH:
        return "".join(_text(one, draw) for one in draw.choice(value[1]))
    if op is sre.SUBPATTERN:
        return "".join(_text(one, draw) for one in value[3])
    if op is sre.MAX_REPEAT:
        low, high, body = value
        count = draw.randint(low, min(int(high), low + 8))
        return "".join(_text(one, draw) for _ in range(count) for one in body)
    return ""  # what looks ahead has no text of its own


def _members(items: Any) -> list[str]:
    found = []
    for op, value in items:
        if op is sre.LITERAL:
            found.append(chr(value))
        elif op is sre.RANGE:
            found += map(chr, range(value[0], value[1] + 1))
        else:
            found.append(_SETS[value])
    return found
