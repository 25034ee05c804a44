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

__all__ = [
    "ATTACKS",
    "HARMLESS",
    "HONEST",
    "ORDERS",
    "generated",
    "grammar",
    "honest",
    "made_up",
    "placed",
]

LANGUAGES: Final = ("de", "fr", "es", "pt", "it", "zh", "ja", "ko", "ru", "ar", "hi", "tr")
"""Of attacks of many kinds."""
FEWER: Final = ("nl", "pl", "cs", "uk", "vi", "id")
"""Of attacks of the most frequent kinds."""
PAGES: Final = (*LANGUAGES, *FEWER, "sv", "ro", "hu", "el", "th")
"""Of harmless running text."""
HARDER: Final = ("pt", "ja", "vi", "id", "zh", "ko")
"""The languages of those in which harmless instructions look most like attacks."""
ATTACKS: Final = {
    "override": 12,
    "short_attack": 9,
    "extract": 9,
    "game": 4,
    "pretext": 4,
    "jailbreak": 12,
    "forged": 4,
    "act": 12,
    **{f"{one}_attack": 1 for one in (*LANGUAGES, *FEWER)},
    **{f"{one}_more": 1 for one in LANGUAGES},
    **{f"{one}_short": 1 for one in (*LANGUAGES, *FEWER)},
    "xx_attack": 2,
    "kept": 3,
    "hidden_ask": 3,
    "new_task": 2,
    "foreign_kept": 3,
}
"""Symbols of attacks that are attacks whoever says them, and how often each is drawn."""
HARMLESS: Final = {
    "twin": 18,
    "act_twin": 10,
    "everyday": 14,
    "ask": 10,
    "task": 10,
    "short_harmless": 5,
    "near_twin": 2,
    "foreign_twins": 2,
    "user_plain": 8,
    "document": 10,
    "people_ask": 8,
    "technical": 8,
    "readme": 14,
    "reference": 8,
    "worksheet": 6,
    "result_plain": 6,
    "service_mail": 6,
    **{f"{one}_benign": 1 for one in LANGUAGES},
    "xx_benign": 1,
    "kept_twin": 4,
    "hidden_twin": 2,
    "foreign_kept_twin": 3,
    "agent_ask": 6,
    **{f"{one}_plain": 1 for one in LANGUAGES},
    "xx_plain": 4,
    **{f"{one}_text": 3 for one in PAGES},
    **{f"{one}_text": 6 for one in HARDER},
}
HONEST: Final = {
    "plain_talk": 14,
    "frame_twin": 6,
    "de_frame_twin": 1,
    "office_plain": 5,
    "incident_plain": 4,
    "letter_plain": 3,
    "foreign_admin": 5,
}
"""What people write who set up a model, report or ask; in data it might be an order."""
ORDERS: Final = {
    "indirect_core": 18,
    "block_order": 5,
    "mail_order": 5,
    "order_web": 3,
    "order_short": 3,
    "request_order": 8,
    "form_order": 6,
    "code_order": 2,
    "result_order": 8,
    **{f"{one}_order": 1 for one in LANGUAGES},
    **{f"{one}_order2": 1 for one in (*LANGUAGES, *FEWER)},
}
"""Orders that are attacks where they stand in what a model only reads."""
_CARRIED: Final = 30
"""Of a hundred attacks by users, how many follow something harmless or are followed by it."""
_ABROAD: Final = 10
"""Of a hundred orders in English, how many stand in a page of another language."""
_DATA: Final = frozenset(
    {
        *("document", "people_ask", "technical", "readme", "reference"),
        *("worksheet", "result_plain", "service_mail"),
    }
)
_WHOLE: Final = frozenset({"mail_order", "result_order"})
"""Documents with an order in them already; where it stands is not known."""
_BEFORE: Final = ("user_plain", "doc_prose", "twin_format")
_SENTENCES: Final = 7
_GAPS: Final = (" ", " ", " ", "\n", "\n\n", "\n- ", "\n  ")


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


def honest(count: int, seed: int) -> Iterator[Row]:
    """So many harmless texts of users who set a model up, report, or ask with an attack's words.

    Args:
        count: Texts; equal ones are made once.
        seed: The same seed makes the same texts.
    """
    draw, seen = Draw(seed), set[str]()
    for _ in range(count):
        symbol = _drawn(HONEST, draw)
        text = _spoken(symbol, draw)
        if text not in seen and text.strip():
            seen.add(text)
            yield Row(text, attack=False, source=f"made:{symbol}", group=symbol)


def generated(count: int, seed: int) -> Iterator[Row]:
    """All that the generator teaches: ``made_up`` of so many, and a quarter as many ``honest``."""
    yield from made_up(count, seed)
    yield from honest(count // 4, seed)


def _attack(draw: Draw) -> Row:
    symbol = _drawn(ATTACKS, draw)
    text, start, end = _spoken(symbol, draw), 0, 0
    end = len(text)
    if draw.chance(_CARRIED) and not symbol.startswith("jailbreak"):
        before = _around(symbol, draw) or grammar().text(draw.one(_BEFORE), draw)
        text, start, end = _joined(before, text, draw)
    return Row(text, attack=True, source=f"made:{symbol}+", group=symbol, start=start, end=end)


def _planted(draw: Draw) -> Row:
    symbol = _drawn(ORDERS, draw)
    order = _spoken(symbol, draw)
    if symbol in _WHOLE:
        return Row(order, attack=True, source=f"made:{symbol}+", group=symbol, data=True)
    document = _around(symbol, draw) or grammar().text("document", draw)
    text, start, end = placed(document, order, draw)
    return Row(text, attack=True, source=f"made:{symbol}+", group=symbol, data=True,
               start=start, end=end)  # fmt: skip


def _harmless(draw: Draw) -> Row:
    symbol = _drawn(HARMLESS, draw)
    data = symbol in _DATA or symbol.endswith("_text")
    return Row(_spoken(symbol, draw), attack=False, source=f"made:{symbol}", group=symbol,
               data=data)  # fmt: skip


def _around(symbol: str, draw: Draw) -> str:
    """In half of the cases a page in the language of an attack, else nothing; rarely of another."""
    language = symbol.partition("_")[0]
    if language in PAGES and draw.chance(50):
        return _page(language, draw)
    return _page(draw.one(PAGES), draw) if draw.chance(_ABROAD) else ""


def _page(language: str, draw: Draw) -> str:
    """Some sentences of running text."""
    gap = draw.one(_GAPS)
    count = 1 + draw.number(_SENTENCES)
    return gap.join(grammar().text(f"{language}_text", draw) for _ in range(count))


def _spoken(symbol: str, draw: Draw) -> str:
    language, _, kind = symbol.partition("_")
    text = _page(language, draw) if kind == "text" else grammar().text(symbol, draw)
    text = text.replace("¦", "|")
    if text[:1].islower() and draw.chance(70):
        text = text[0].upper() + text[1:]
    return disguised(text, draw)


def _joined(before: str, text: str, draw: Draw) -> tuple[str, int, int]:
    gap = draw.one((" ", "\n", "\n\n", ". ", " \n"))
    if draw.chance(70):
        start = len(before) + len(gap)
        return before + gap + text, start, start + len(text)
    return text + gap + before, 0, len(text)


def placed(document: str, order: str, draw: Draw) -> tuple[str, int, int]:
    """The document with the order in it: at its start, at its end, or between two sentences.

    Returns:
        The text, and where in it the order begins and ends.
    """
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
