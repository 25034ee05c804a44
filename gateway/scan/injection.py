"""Orders to the model where there should be none: the rules, compiled, and what tempers them.

The same words stand in an attack and in a question about attacks. A score is lowered when the
words are quoted as a whole, forbidden, or talked about; that is local and simple, and a hint only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gateway.scan.detector import make
from gateway.scan.rules_extract import EXTRACT
from gateway.scan.rules_foreign import FOREIGN
from gateway.scan.rules_orders import ORDERS_IN_DATA
from gateway.scan.rules_override import OVERRIDE
from gateway.scan.rules_role import ROLE
from gateway.scan.rules_structure import STRUCTURE

if TYPE_CHECKING:
    from gateway.scan.detector import Candidate, Check, Detector
    from gateway.scan.rules import InjectionRule

__all__ = ["INJECTION", "RULES"]

RULES: Final[tuple[InjectionRule, ...]] = (
    *OVERRIDE, *ROLE, *EXTRACT, *ORDERS_IN_DATA, *FOREIGN, *STRUCTURE
)  # fmt: skip
_WORD: Final = "0-9a-z_\u00df-\u00ff"
"""Letters of words in the rules' languages; all of Unicode would make the automata large."""
_GAP: Final = "[^0-9A-Za-z_]{1,5}"
_FEW_WORDS: Final = re.compile(r"(\(\?:\[[^\]]{1,8}\]\{1,\d\d\} )\)\{0,([123])\}")
_QUOTES: Final = frozenset("\"'`\u2018\u2019\u201c\u201d\u00ab\u00bb")
_NEGATIONS: Final = (
    "not ",
    "n't ",
    "n\u2019t ",
    "never ",
    "without ",
    "nicht ",
    "jamais ",
    "nunca ",
)
_MENTIONS: Final = (
    *("what does", "what is", "what are", "what's", "the phrase", "the words", "phrases like"),
    *("prompts like", "such as", "meaning of", "the term", "explain ", "define ", "examples of"),
    *("how do i", "how can i", "can i ", "should i ", "how to prevent", "how to detect", "detect "),
    *("the sentence", 'says "', "defend against", "protect against", "was bedeutet"),
)
_QUOTED: Final = 0.5
_NEGATED: Final = 0.4
_MENTIONED: Final = 0.35


def _tempered(rule: InjectionRule) -> Check:
    after = re.compile(rule.after) if rule.after else None

    def check(found: Candidate) -> float | None:
        before = found.before.lower()
        if after is not None and after.search(before) is None:
            return None
        value = rule.score
        if before[-1:] in _QUOTES and found.after in _QUOTES and found.after:
            value -= _QUOTED
        elif before.endswith(_NEGATIONS):
            value -= _NEGATED
        elif any(words in before for words in _MENTIONS):
            value -= _MENTIONED
        return round(max(value, 0.0), 4)

    return check


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
    patterns = [rule.pattern, _rotated(rule.pattern)] if rule.rotate else [rule.pattern]
    return [
        make(
            "injection",
            rule.entity,
            _counted(pattern).replace(" ", _GAP).replace(r"\w", _WORD),
            _tempered(rule),
            ignore_case=True,
            rule=rule.id if pattern == rule.pattern else rule.id + "-rot13",
        )
        for pattern in patterns
    ]


INJECTION: Final[tuple[Detector, ...]] = tuple(one for rule in RULES for one in _compiled(rule))
