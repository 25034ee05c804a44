"""Texts to measure with: the same in every run, as long as asked for, of four kinds."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["KINDS", "text_of"]

_SUBJECTS: Final = (
    *("The team", "Our supplier", "The new draft", "A second review", "The committee", "She"),
    *("Everyone in the office", "The report", "My colleague", "The customer", "This release"),
)
_VERBS: Final = (
    *("agreed on", "looked into", "describes", "postponed", "has not seen", "will explain"),
    *("asked about", "summarised", "improves", "depends on", "could not find", "wrote down"),
)
_OBJECTS: Final = (
    *("the order of the next steps", "what happened in the second quarter", "an older version"),
    *("the budget of about 3,400 euros", "several open questions", "the schedule for Thursday"),
    *("a shorter introduction", "the results of 2019 and 2021", "the weather in the mountains"),
    *("how the parts fit together", "a list of 12 suggestions", "the reasons behind the change"),
)
_ENDS: Final = (
    *(".", ", and that was all.", "; the rest stays as it is.", " (see the notes below).", "!"),
    *(", which nobody had expected.", " - at least for now.", "?", ", but not before noon."),
)
_FOREIGN: Final = (
    "Die Besprechung wurde auf nächste Woche verschoben, weil noch drei Fragen offen sind. ",
    "Nous avons reçu la nouvelle version du rapport, mais la dernière page manque encore. ",
    "El equipo decidió que la presentación será más corta y sin números. ",
    "Сегодня мы обсудили новый порядок работы и записали все вопросы. ",
    "今天我们讨论了新的工作安排，并记录了所有的问题。",  # noqa: RUF001 - its own comma
    "会議は来週に延期されましたが、資料はもう準備できています。",
    "ناقش الفريق الخطة الجديدة واتفق على الخطوات التالية. ",
    "टीम ने नई योजना पर चर्चा की और अगले कदम तय किए। ",
    "회의는 다음 주로 연기되었고 모든 질문은 기록되었습니다. ",
)
_EACH: Final = 4096
"""Characters of prose for each e-mail address in it."""


def _prose(chance: random.Random) -> Iterator[str]:
    written = 0
    while True:
        words = (chance.choice(_SUBJECTS), chance.choice(_VERBS), chance.choice(_OBJECTS))
        sentence = " ".join(words) + chance.choice(_ENDS) + chance.choice(("\n\n", " ", " ", " "))
        if written % _EACH + len(sentence) > _EACH:
            sentence += f"Write to anna.{chance.randrange(10**6)}@example.org about it. "
        written += len(sentence)
        yield sentence


def _code(chance: random.Random) -> Iterator[str]:
    files = sorted(Path(os.__file__).parent.glob("*.py"))
    while True:
        text = chance.choice(files).read_text("utf-8", "replace")
        # Not always the same sort of code, which files begin with.
        yield text[text.find("\n", chance.randrange(len(text))) + 1 :]


def _json(chance: random.Random) -> Iterator[str]:
    while True:
        record = {
            "id": chance.randrange(10**7),
            "title": chance.choice(_OBJECTS),
            "tags": chance.sample(_VERBS, 3),
            "price": round(chance.random() * 1000, 2),
            "active": chance.random() < 0.5,
            "note": None,
            "updated": f"2025-0{chance.randrange(1, 9)}-1{chance.randrange(9)}T08:30:00Z",
        }
        yield json.dumps(record, indent=chance.choice((None, 2))) + ",\n"


def _foreign(chance: random.Random) -> Iterator[str]:
    while True:
        yield chance.choice(_FOREIGN)


KINDS: Final[dict[str, Callable[[random.Random], Iterator[str]]]] = {
    "prose": _prose,
    "code": _code,
    "JSON": _json,
    "non-English": _foreign,
}
"""What each kind of text is made of."""


def text_of(kind: str, size: int, seed: int = 0) -> str:
    """A text of ``size`` characters; texts of different seeds differ from the start."""
    parts: list[str] = []
    length = 0
    for part in KINDS[kind](random.Random(seed)):  # noqa: S311 - the same in every run
        parts.append(part)
        length += len(part)
        if length >= size:
            break
    return "".join(parts)[:size]
