"""Tells a secret from a word, a variable and an example."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any, Final

from gateway.scan.matcher import compile_exact

__all__ = ["entropy", "is_example", "is_placeholder"]

_EXAMPLES: Final = (
    *("example", "sample", "changeme", "change_me", "change-me", "placeholder", "your", "dummy"),
    *("redacted", "insert", "replace", "xxxx", "****", "....", "####", "____", "todo", "fixme"),
    *("test_key", "testkey", "foobar", "notreal", "not_real", "not-real", "deadbeef", "lorem"),
    *("undefined", "password", "passwd", "secret", "goeshere", "goes_here", "goes-here"),
)
_VARIABLES: Final = ("${", "$(", "{{", "<", "%(", "process.env", "os.environ", "getenv", "env.")
_RUNS: Final = (
    *("0123456789", "1234567890", "abcdefgh", "qwertyuiop", "9876543210", "abcdef123456"),
    *("abc123abc123", "123456123456"),
)
_MOST_OF: Final = 6
"""A value of this many characters has more than one of each, or it is a pattern."""
_FEW: Final = 7
"""So many different characters are not few, however long a value is: hexadecimal has 16."""
_READ: Final = 64
"""Characters of a value that are read as words."""
# Forty times x may be one word or forty, and an engine that tries all ways to tell them apart takes
# hours before it says that a sign behind them is none.
_WORDS: Final[Any] = compile_exact(
    r"(?i)(?:my|the|your|some|new|old|db|database|user|user_?name|admin|root|guest|test(?:ing)?|"
    r"demo|default|example|sample|fake|dummy|mock|stub|foo|bar|baz|qux|x+|\*+|\.+|pass|passw(?:or)?d|"
    r"passwd|pwd|pw|secret|token|key|api|auth|login|access|value|string|text|none|null|nil|true|"
    r"false|undefined|changeme|change|me|change_?it|replace|insert|enter|here|placeholder|redacted|"
    r"hidden|masked|required|optional|empty|todo|tbd|abc|client|app|"
    r"postgres|postgresql|mysql|mariadb|mongo|mongodb|redis|rabbitmq|docker|localhost|private|for|"
    r"encrypted|hash|hashed|input|field|type|name|word|bearer|basic|port|host|of|and|is|in|to|a|"
    r"[\[\]{}<>%_.:/#-])+\p{Nd}{0,1}"
)


def entropy(value: str) -> float:
    """Shannon's entropy of the characters, in bits each."""
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values())


def is_placeholder(value: str, *, runs: bool = True) -> bool:
    """Whether the value stands for one, as in documentation and templates.

    Args:
        value: The value.
        runs: Whether one that holds a run such as ``0123456789`` does.
    """
    lowered = value.lower()
    if any(word in lowered for word in _EXAMPLES) or value.startswith("$"):
        return True
    if any(mark in lowered for mark in _VARIABLES):
        return True
    if runs and any(run in lowered for run in _RUNS):
        return True
    return len(set(lowered)) <= min(max(len(lowered) // _MOST_OF, 3), _FEW)


def is_example(value: str) -> bool:
    """Whether nobody means a value as a password: a variable, or words that speak of one.

    ``password123`` and ``S3cret!`` are bad passwords and no examples.
    """
    lowered = value.lower()
    if value.startswith("$") or any(mark in lowered for mark in _VARIABLES):
        return True
    if value.startswith(("{", "[", "%")) or len(set(lowered)) <= 2:
        return True
    return _WORDS.fullmatch(value[:_READ].encode("utf-8", "replace")) is not None
