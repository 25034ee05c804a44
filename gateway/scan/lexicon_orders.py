"""The words that orders to a model consist of, in the languages of the injection rules.

They are those of the rules themselves, and the commonest of each language; ``python -m
scripts.training.order_words FILE`` writes them. A ``*`` stands where a word goes on.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["order_words"]

_FILE: Final = Path(__file__).with_name("weights") / "order_words.txt"


@cache
def order_words() -> Mapping[str, tuple[str, ...]]:
    """By language: lower-case words, as they are once marks are folded, read when one asks."""
    lines = (line.split() for line in _FILE.read_text("utf-8").splitlines())
    return MappingProxyType({line[0]: tuple(line[1:]) for line in lines})
