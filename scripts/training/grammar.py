r"""Texts from grammars: each symbol has alternatives, one of which is drawn.

A grammar file is lines. ``@name`` begins a symbol, each line after it is one alternative, and ``#``
begins a comment. In an alternative ``$name`` (or ``${name}``) stands for a symbol, ``$(a|b|)`` for
one of some words, and ``\n`` for a line break.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = ["Draw", "Grammar", "GrammarError"]

_One = TypeVar("_One")
_SYMBOL: Final = re.compile(r"\$(?:\{([a-z_0-9]+)\}|([a-z][a-z_0-9]*))")
_CHOICE: Final = re.compile(r"\$\(([^()]*)\)")
_DEPTH: Final = 24
_MASK: Final = (1 << 64) - 1


class GrammarError(Exception):
    """A grammar names a symbol that it does not have, or goes round in circles."""


class Draw:
    """Chance that is the same everywhere and for ever: SplitMix64 (Steele et al., 2014)."""

    __slots__ = ("_state",)

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def number(self, below: int) -> int:
        """A number from 0 on."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((mixed ^ (mixed >> 31)) >> 11) % below

    def one(self, items: Sequence[_One]) -> _One:
        """One of some items."""
        return items[self.number(len(items))]

    def chance(self, percent: int) -> bool:
        """True in so many of a hundred cases."""
        return self.number(100) < percent


class Grammar:
    """Symbols and their alternatives.

    Args:
        files: Files of the format above.

    Raises:
        GrammarError: A symbol is missing or there twice.
    """

    def __init__(self, files: Iterable[Path]) -> None:
        self._rules: dict[str, list[str]] = {}
        for file in files:
            self._read(file)
        named = {name for lines in self._rules.values() for line in lines for name in _names(line)}
        if missing := sorted(named - self._rules.keys()):
            raise GrammarError(f"no such symbols: {', '.join(missing)}")

    def __contains__(self, name: str) -> bool:
        return name in self._rules

    def _read(self, file: Path) -> None:
        lines: list[str] = []
        for line in file.read_text(encoding="utf-8").split("\n"):
            if line.startswith("@"):
                name = line[1:].strip()
                if name in self._rules:
                    raise GrammarError(f"{file.name}: {name} is there already")
                lines = self._rules[name] = []
            elif line and not line.startswith("# "):
                lines.append(line.replace("\\n", "\n"))

    def text(self, name: str, draw: Draw) -> str:
        """One text of a symbol.

        Raises:
            GrammarError: There is no such symbol, or it leads back to itself.
        """
        return self._expanded(f"${{{name}}}", draw, 0)

    def _expanded(self, line: str, draw: Draw, depth: int) -> str:
        if depth > _DEPTH:
            raise GrammarError("symbols lead back to themselves")
        while (found := _CHOICE.search(line)) is not None:
            chosen = draw.one(found[1].split("|"))
            line = line[: found.start()] + chosen + line[found.end() :]
        parts, at = [], 0
        for found in _SYMBOL.finditer(line):
            parts.append(line[at : found.start()])
            name = found[1] or found[2]
            if name not in self._rules:
                raise GrammarError(f"no such symbol: {name}")
            parts.append(self._expanded(draw.one(self._rules[name]), draw, depth + 1))
            at = found.end()
        return "".join([*parts, line[at:]])


def _names(line: str) -> list[str]:
    return [first or second for first, second in _SYMBOL.findall(line)]
