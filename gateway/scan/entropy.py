"""Tells a secret from a word, a variable and an example."""

from __future__ import annotations

import math
from collections import Counter
from typing import Final

__all__ = ["entropy", "is_placeholder"]

_EXAMPLES: Final = (
    "example",
    "sample",
    "changeme",
    "change_me",
    "change-me",
    "placeholder",
    "your",
    "dummy",
    "redacted",
    "insert",
    "replace",
    "xxxx",
    "****",
    "....",
    "####",
    "____",
    "todo",
    "fixme",
    "test_key",
    "testkey",
    "foobar",
    "notreal",
    "not_real",
    "not-real",
    "abcdefgh",
    "deadbeef",
    "lorem",
    "undefined",
    "password",
    "passwd",
    "secret",
)
_VARIABLES: Final = ("${", "$(", "{{", "<", "%(", "process.env", "os.environ", "getenv", "env.")
_RUNS: Final = ("0123456789", "1234567890", "abcdefghij", "qwertyuiop", "9876543210")


def entropy(value: str) -> float:
    """Shannon's entropy of the characters, in bits each."""
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values())


def is_placeholder(value: str) -> bool:
    """Whether the value stands for one, as in documentation and templates."""
    lowered = value.lower()
    if any(word in lowered for word in _EXAMPLES) or value.startswith("$"):
        return True
    if any(mark in lowered for mark in _VARIABLES) or any(run in lowered for run in _RUNS):
        return True
    return len(set(lowered)) <= max(len(lowered) // 6, 3)
