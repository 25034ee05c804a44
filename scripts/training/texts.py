"""Labelled texts from the grammars: families of attacks, their harmless twins, and disguises."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scripts.training.disguises import disguised
from scripts.training.grammar import Draw, Grammar
from scripts.training.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ATTACKS", "HARMLESS", "grammar", "made_up"]

LANGUAGES: Final = ("de", "fr", "es", "pt", "it", "zh", "ja", "ko", "ru", "ar", "hi", "tr")
ATTACKS: Final = {
    "override": 5,
    "short_attack": 4,
    "extract": 4,
    "game": 2,
    "pretext": 2,
    "jailbreak": 5,
    "forged": 2,
    **{f"{one}_attack": 1 for one in LANGUAGES},
    "xx_attack": 2,
}
"""Symbols of attacks that are attacks whoever says them, and how often each is drawn."""
HARMLESS: Final = {
    "twin": 18,
    "short_harmless": 5,
    "near_twin": 2,
    "foreign_twins": 2,
    "user_plain": 8,
    "document": 10,
    "technical": 8,
    "reference": 8,
    **{f"{one}_benign": 1 for one in LANGUAGES},
    "xx_benign": 1,
    **{f"{one}_plain": 1 for one in LANGUAGES},
    "xx_plain": 4,
}
ORDERS: Final = {"indirect_core": 12, **{f"{one}_order": 1 for one in LANGUAGES}}
"""Orders that are attacks where they stand in what a model only reads."""
_CARRIED: Final = 30
"""Of a hundred attacks by users, how many follow something harmless or are followed by it."""


@cache
def grammar() -> Grammar:
    """The grammar of all files."""
    return Grammar(sorted(Path(__file__).with_name("grammars").glob("*.txt")))


def made_up(count: int, seed: int) -> Iterator[Row]:
    """So many attacks by users, so many in data, and as many harmless texts as both.

    Args:
        count: Texts of each kind; equal ones are made once.
        seed: The same seed makes the same texts.
    """
    draw, seen = Draw(seed), set[str]()
    makers = (_attack, _planted, _harmless, _harmless)
    for _ in range(count):
        for make in makers:
            row = make(draw)
            if row.text not in seen and row.text.strip():
                seen.add(row.text)
                yield row


def _attack(draw: Draw) -> Row:
    symbol = _drawn(ATTACKS, draw)
    text, start, end = _spoken(symbol, draw), 0, 0
    end = len(text)
    if draw.chance(_CARRIED) and not symbol.startswith("jailbreak"):
        before = grammar().text(draw.one(("user_plain", "doc_prose", "twin_format")), draw)
        text, start, end = _joined(before, text, draw)
    return Row(text, attack=True, source=f"made:{symbol}+", group=symbol, start=start, end=end)


def _planted(draw: Draw) -> Row:
    symbol = _drawn(ORDERS, draw)
    order = _spoken(symbol, draw)
    document = grammar().text("document", draw)
    text, start, end = _inside(document, order, draw)
    return Row(text, attack=True, source=f"made:{symbol}+", group=symbol, data=True,
               start=start, end=end)  # fmt: skip


def _harmless(draw: Draw) -> Row:
    symbol = _drawn(HARMLESS, draw)
    data = symbol in ("document", "technical", "reference")
    return Row(_spoken(symbol, draw), attack=False, source=f"made:{symbol}", group=symbol,
               data=data)  # fmt: skip


def _spoken(symbol: str, draw: Draw) -> str:
    text = " ".join(part for part in [grammar().text(symbol, draw)] if part).replace("¦", "|")
    if text[:1].islower() and draw.chance(70):
        text = text[0].upper() + text[1:]
    return disguised(text, draw)


def _joined(before: str, text: str, draw: Draw) -> tuple[str, int, int]:
    gap = draw.one((" ", "\n", "\n\n", ". ", " \n"))
    if draw.chance(70):
        start = len(before) + len(gap)
        return before + gap + text, start, start + len(text)
    return text + gap + before, 0, len(text)


def _inside(document: str, order: str, draw: Draw) -> tuple[str, int, int]:
    """The document with the order in it: at its start, at its end, or between two sentences."""
    breaks = [at for at, char in enumerate(document) if char in ".\n'\">" and at > 0]
    place = draw.number(4)
    if place == 0 or not breaks:
        return f"{order}\n{document}", 0, len(order)
    if place == 1:
        start = len(document) + 1
        return f"{document}\n{order}", start, start + len(order)
    at = draw.one(breaks) + 1
    gap = " " if document[at - 1] in ".\n" else ""
    start = at + len(gap)
    text = f"{document[:at]}{gap}{order}{gap}{document[at:]}"
    return text, start, start + len(order)


def _drawn(shares: dict[str, int], draw: Draw) -> str:
    return draw.one([name for name, share in shares.items() for _ in range(share)])
