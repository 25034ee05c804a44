"""``python -m scripts.training.order_words FILE``: writes the words that orders consist of.

They are taken from the injection rules themselves: whatever words their expressions can match, and
those of the sentences that prove them, in all languages that are written with letters and blanks.
Text that is spelled out without gaps is told apart by them.
"""

from __future__ import annotations

import re
import sys
from itertools import product
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any, Final

from gateway.scan.injection import RULES
from gateway.scan.lexicon import WORDS
from gateway.scan.normalise import plainer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["words"]

_UNPARTED: Final = ("zh", "ja")
_LANGUAGES: Final = ("en", "de", "fr", "es", "pt", "it", "ru", "tr", "ko", "ar", "hi")
"""Those whose words are told apart by blanks."""
_MOST: Final = 600
"""Ways to write one part of an expression; what has more is cut there."""
_FEW: Final = 4
"""Characters of a class that are written out."""
_OPEN: Final = "*"
"""Where other letters may follow."""
_WORD: Final = re.compile(r"(?:[^\W\d_]|[\u0900-\u0963])+\*?")
_BLANKS: Final = re.compile("[a-z\u0400-\u04ff\u0600-\u06ff\u0900-\u097f\uac00-\ud7ff]+\\*?")
"""Letters of alphabets whose words are told apart by blanks."""
_SHORTEST: Final = 2
_PART: Final = 3
_HANGUL: Final = re.compile("[\uac00-\ud7ff]")
_SYLLABLES: Final = 2
_STEM: Final = 4
"""Letters of which a beginning of words has so many at least."""
_FREQUENT: Final = Path(__file__).with_suffix(".txt")
"""The commonest words of these languages, and of orders in them, as far as no rule has them."""


def words() -> dict[str, list[str]]:
    """The words of all rules by language, lower-case, in order; of English what is not common."""
    found: dict[str, set[str]] = {language: set() for language in _LANGUAGES}
    for language, text in _texts():
        found[language].update(_words_of(plainer(text)))
        found[language].update(_words_of(text))
    known = WORDS.union(*found.values())
    return {
        language: sorted(
            word
            for word in some
            if not _is_two(word, known) and not (language == "en" and word in WORDS)
        )
        for language, some in found.items()
    }


def _texts() -> Iterator[tuple[str, str]]:
    for section in _FREQUENT.read_text("utf-8").split("@")[1:]:
        yield section[:2], section[2:]
    for rule in RULES:
        language = rule.id.rpartition("-")[2]
        if language not in _UNPARTED:
            language = language if language in _LANGUAGES else "en"
            for pattern in (rule.pattern, *rule.also):
                for text in _spellings(list(sre_parser.parse(pattern))):
                    yield language, text
            for text in rule.positives:
                yield language, text


def _is_two(word: str, known: frozenset[str]) -> bool:
    """Whether a word is two others: a rule lets what stands between them be missing."""
    part = _SYLLABLES if _HANGUL.match(word) else _PART
    middles = range(part, len(word) - part + 1)
    return any(
        word[:at] in known and (word[at:] in known or word[at:].rstrip(_OPEN) in known)
        for at in middles
    )


def _words_of(text: str) -> Iterator[str]:
    for word in _WORD.findall(text.lower()):
        stem = word.rstrip(_OPEN)
        least = _STEM if word.endswith(_OPEN) else _SHORTEST
        if len(stem) >= least and _BLANKS.fullmatch(word):
            yield word


def _spellings(nodes: list[Any]) -> Iterator[str]:
    """What a sequence can match, in pieces where that is too much to write out as one."""
    done: list[str] = [""]
    for op, value in nodes:
        some = _node(op, value)
        if some is None:
            yield from done
            done = [""]
            yield from _inside(op, value)
            continue
        if len(done) * len(some) > _MOST:
            yield from done
            done = [""]
        done = ["".join(pair) for pair in product(done, some[:_MOST])]
    yield from done


def _node(op: Any, value: Any) -> list[str] | None:
    """What a node can match; None where it has to be looked into."""
    some: list[str] | None = None
    if op is sre.LITERAL or op is sre.AT:
        some = [chr(value)] if op is sre.LITERAL else [""]
    elif op is sre.IN:
        some = _class(value)
    elif op is sre.SUBPATTERN:
        some = _whole(list(value[3]))
    elif op is sre.BRANCH:
        branches = [_whole(list(one)) for one in value[1]]
        some = None if None in branches else [text for one in branches for text in one or ()]
    elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        some = _repeat(*value)
    return some


def _repeat(low: int, high: int, body: Any) -> list[str] | None:
    if high == 1:
        some = _whole(list(body))
        return some if some is None or low else ["", *some]
    return [_OPEN] if len(body) == 1 and body[0][0] is sre.IN else None


def _whole(nodes: list[Any]) -> list[str] | None:
    done = [""]
    for op, value in nodes:
        some = _node(op, value)
        if some is None or len(done) * len(some) > _MOST:
            return None
        done = ["".join(pair) for pair in product(done, some)]
    return done


def _class(items: list[Any]) -> list[str]:
    chars = [chr(value) for op, value in items if op is sre.LITERAL]
    written = len(chars) == len(items) <= _FEW
    return chars if written else [_OPEN]


def _inside(op: Any, value: Any) -> Iterator[str]:
    if op is sre.SUBPATTERN:
        yield from _spellings(list(value[3]))
    elif op is sre.BRANCH:
        for one in value[1]:
            yield from _spellings(list(one))
    elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        yield from _spellings(list(value[2]))


def main(arguments: Iterable[str]) -> None:
    """Writes them, a language a line."""
    (path,) = arguments
    lines = (f"{language} {' '.join(some)}\n" for language, some in words().items())
    Path(path).write_text("".join(lines), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
