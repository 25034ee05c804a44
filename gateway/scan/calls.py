"""Tools that an answer calls and that a rule does not let it call."""

from __future__ import annotations

import re
from fnmatch import translate
from typing import TYPE_CHECKING, Final

from gateway.scan.detector import make

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.scan.detector import Candidate, Check, Detector

__all__ = ["DENIED_TOOL", "call_detector"]

DENIED_TOOL: Final = "DENIED_TOOL"
_LONGEST: Final = 256
"""Characters that the name of a tool may have; no glob speaks of longer ones."""


def call_detector(allow: tuple[str, ...] | None, deny: tuple[str, ...], rule: str) -> Detector:
    """What finds the name of a tool that is not allowed, or is denied; the text is the name.

    Upper and lower case are told apart where tools are allowed, and not where they are denied: who
    runs the tool may not tell them apart either.
    """
    pattern = rf"[\s\S]{{1,{_LONGEST}}}"
    return make("calls", DENIED_TOOL, pattern, _denied(allow, deny), rule=rule)


def _denied(allow: tuple[str, ...] | None, deny: tuple[str, ...]) -> Check:
    allowed = None if allow is None else _any_of(allow)
    denied = _any_of(glob.lower() for glob in deny)

    def check(found: Candidate) -> float | None:
        if found.before:
            return None  # The beginning of the name has been judged, and all of it with that.
        if found.after:
            return 1.0
        name = found.value
        if denied.fullmatch(name.strip().lower()):
            return 1.0
        return None if allowed is None or allowed.fullmatch(name) else 1.0

    return check


def _any_of(globs: Iterable[str]) -> re.Pattern[str]:
    # Globs are short and names are at most 256 characters, so that this takes no time.
    return re.compile("|".join(map(translate, globs)) or r"(?!)")
