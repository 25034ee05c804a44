"""Orders to the model where there should be none: the rules, compiled, and what tempers them.

The same words stand in an attack and in a question about attacks. A score is lowered when the
words are quoted as a whole, forbidden, or talked about; that is local and simple, and a hint only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gateway.scan.detector import make
from gateway.scan.folding import FOLD
from gateway.scan.regex import Regex
from gateway.scan.rules_addressed import ADDRESSED
from gateway.scan.rules_bonds import BONDS
from gateway.scan.rules_east_asia import EAST_ASIA
from gateway.scan.rules_europe import EUROPE
from gateway.scan.rules_extract import EXTRACT
from gateway.scan.rules_hidden import HIDDEN
from gateway.scan.rules_kept import KEPT
from gateway.scan.rules_links import LINKS
from gateway.scan.rules_orders import ORDERS_IN_DATA
from gateway.scan.rules_orders_east import ORDERS_EAST
from gateway.scan.rules_orders_europe import ORDERS_EUROPE
from gateway.scan.rules_orders_romance import ORDERS_ROMANCE
from gateway.scan.rules_override import OVERRIDE
from gateway.scan.rules_posing import POSING
from gateway.scan.rules_role import ROLE
from gateway.scan.rules_romance import ROMANCE
from gateway.scan.rules_south import SOUTH
from gateway.scan.rules_structure import STRUCTURE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.scan.detector import Candidate, Check, Detector
    from gateway.scan.rules import InjectionRule

__all__ = ["FOLDED", "INJECTION", "RULES", "WORDS_APART", "check_of"]

RULES: Final[tuple[InjectionRule, ...]] = (
    *OVERRIDE, *ROLE, *EXTRACT, *ORDERS_IN_DATA, *ROMANCE, *EUROPE, *EAST_ASIA, *SOUTH,
    *ADDRESSED, *ORDERS_ROMANCE, *ORDERS_EUROPE, *ORDERS_EAST, *STRUCTURE, *HIDDEN, *LINKS,
    *BONDS, *KEPT, *POSING,
)  # fmt: skip
_WORD: Final = "0-9a-z_\u00df-\u00ff"
"""Letters of words in the rules' languages; all of Unicode would make the automata large."""
_GAP: Final = "[^0-9A-Za-z_]{1,5}"
WORDS_APART: Final = Regex(_GAP).exact
"""What stands between two words, as it is written in the expressions of RE2."""
_FEW_WORDS: Final = re.compile(r"(\(\?:\[[^\]]{1,8}\]\{1,\d\d\} )\)\{0,([123])\}")
_QUOTES: Final = frozenset("\"'`\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb\u300c\u300d\u300e\u300f")
_SPOKEN_OF: Final = re.compile(r"[^\W\d_]\s?.$", re.DOTALL)
"""A word right before the quote: a sentence speaks of it. Data and whole quoted texts have none."""
_CLAUSE: Final = re.compile(r"[.!?;\n\u3002]|, | (?:and|then|but|und|et|y|e) ")
"""Where an order may begin, whatever was asked before it."""
_CYRILLIC: Final = re.compile("[\u0400-\u04ff]")
_NEGATIONS: Final = (
    "not ",
    "n't ",
    "n\u2019t ",
    "never ",
    "without ",
    *("nicht ", "jamais ", "nunca ", "n'", "n\u2019", "non ", "no ", "nao ", "n\u00e3o "),
    *("не ", "нельзя ", "لا ", "不要", "别", "別", "勿", "不能", "请勿"),
)
_MENTIONS: Final = (
    *("what does", "what is", "what are", "what's", "the phrase", "the words", "phrases like"),
    *("prompts like", "such as", "meaning of", "the term", "explain ", "define ", "examples of"),
    *("how do i", "how can i", "can i ", "should i ", "how to prevent", "how to detect", "detect "),
    *("the sentence", 'says "', "defend against", "protect against", "was bedeutet"),
)
_TURNED: Final = "-rot13"
FOLDED: Final = "-folded"
"""Ends the names of rules whose letters look like Latin ones."""
_QUOTED: Final = 0.5
_NEGATED: Final = 0.4
_MENTIONED: Final = 0.35


def check_of(name: str, *, gaps: bool = True) -> Check:
    """The check of a rule's detector.

    Args:
        name: The name of the detector's rule.
        gaps: Whether the text has any between words.
    """
    rule = next(one for one in RULES if name in (one.id, one.id + _TURNED, one.id + FOLDED))
    return _tempered(rule, gaps=gaps)


def _tempered(rule: InjectionRule, *, gaps: bool = True) -> Check:
    words = rule.after if gaps else rule.after.replace(r"\b", "").replace(" ", r"\W{0,5}")
    after = re.compile(words) if words else None

    def check(found: Candidate) -> float | None:
        before = found.before.lower()
        if after is not None and after.search(before) is None:
            return None
        if rule.proof is not None and not rule.proof(found.value):
            return None
        value = rule.score
        if found.after in _QUOTES and _is_quoted(before):
            value -= _QUOTED
        elif before.endswith(_NEGATIONS):
            value -= _NEGATED
        else:
            clause = _CLAUSE.split(before)[-1]
            if any(words in clause for words in _MENTIONS):
                value -= _MENTIONED
        return round(max(value, 0.0), 4)

    return check


def _is_quoted(before: str) -> bool:
    return before[-1:] in _QUOTES and _SPOKEN_OF.search(before) is not None


def _folded(pattern: str) -> str:
    """The expression as it reads where look-alikes of Latin letters were folded in the text.

    Of some letters the small one looks like a Latin one, and the capital does not.
    """
    parts: list[str] = []
    for inside, one in zip(_in_classes(pattern), pattern, strict=True):
        both = dict.fromkeys((FOLD[ord(one)] or one, (FOLD[ord(one.upper())] or one).lower()))
        plain = "".join(both) if _CYRILLIC.match(one) else one
        parts.append(plain if inside or len(plain) == 1 else f"[{plain}]")
    return "".join(parts)


def _in_classes(pattern: str) -> Iterator[bool]:
    """Of each character of an expression, whether it stands in a class of them."""
    inside = False
    for one in pattern:
        inside = (inside or one == "[") and one != "]"
        yield inside


def _rotated(pattern: str) -> str:
    """The ROT13 of an expression: its letters, but not its escapes."""
    chars = []
    for index, char in enumerate(pattern):
        escape = index > 0 and pattern[index - 1] == "\\"
        if char.isascii() and char.isalpha() and not escape:
            base = ord("a") if char.islower() else ord("A")
            char = chr((ord(char) - base + 13) % 26 + base)  # noqa: PLW2901 - the letter, turned
        chars.append(char)
    return "".join(chars)


def _counted(pattern: str) -> str:
    """The same with each of a few words written out: what is counted is held no longer."""
    return _FEW_WORDS.sub(lambda few: few[1] * int(few[2]) + ")?" * int(few[2]), pattern)


def _compiled(rule: InjectionRule) -> list[Detector]:
    variants: dict[str, str] = {}
    for pattern in (rule.pattern, *rule.also):
        variants[pattern] = rule.id
        if rule.rotate:
            variants[_rotated(pattern)] = rule.id + _TURNED
        if _CYRILLIC.search(pattern):
            variants[_folded(pattern)] = rule.id + FOLDED
    return [
        make(
            "injection",
            rule.entity,
            _counted(pattern).replace(" ", _GAP).replace(r"\w", _WORD),
            _tempered(rule),
            ignore_case=True,
            rule=name,
        )
        for pattern, name in variants.items()
    ]


INJECTION: Final[tuple[Detector, ...]] = tuple(one for rule in RULES for one in _compiled(rule))
