"""What is asked of OpenAI's older APIs: texts without a conversation, one or a list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.wire.reading import said_by

if TYPE_CHECKING:
    from gateway.terms import Provenance
    from gateway.wire.exchange import Path
    from gateway.wire.leaves import Finder

__all__ = ["PROMPT", "PROMPT_TYPE"]

PROMPT_TYPE: Final = "a string or a list of strings"
_TOKENS: Final = "a string: send text, because nobody here can read numbers of tokens"


def _prompt(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
    if isinstance(value, str):
        found.add(value, path, provenance)
    elif isinstance(value, list):
        for index, one in enumerate(value):
            if not isinstance(one, str):
                raise found.wrong((*path, index), _wanted(one))
            found.add(one, (*path, index), provenance)
    else:
        raise found.wrong(path, PROMPT_TYPE)


def _wanted(value: Any) -> str:
    return _TOKENS if isinstance(value, (int, list)) else "a string"


PROMPT: Final = said_by("user", _prompt)
"""A text or a list of texts; numbers of tokens spell texts that no scanner can read."""
