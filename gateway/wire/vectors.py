"""Vectors: what asking for them asks of a model in any API, and where they stand in an answer."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from gateway.wire.leaves import everything, media

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.terms import Provenance, Value
    from gateway.wire.exchange import Path
    from gateway.wire.leaves import Finder

__all__ = ["VECTOR_DEFAULTS", "vector"]

VECTOR_DEFAULTS: Final[Mapping[str, tuple[Value, ...]]] = MappingProxyType(
    {
        "max_tokens": (0,),
        "temperature": (0,),
        "top_p": (1,),
        "n": (1,),
        "stream": (False,),
        "tools": (),
        "tool_choice": ("none",),
        "images": (0,),
        "audio": (0,),
        "files": (0,),
        "response_format": ("text",),
        "reasoning_effort": ("none",),
        "reasoning_tokens": (0,),
        "system": (),
    }
)
"""Per parameter what holds where no word is generated: nothing is sampled, called or thought."""

_NUMBERS: Final = frozenset({int, float})


def vector(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
    """A vector, as numbers or as base64 of them; whatever else stands there is free JSON."""
    if isinstance(value, str):
        media(found, value, path, provenance)
    elif not (isinstance(value, list) and _NUMBERS.issuperset(map(type, value))):
        everything(found, value, path, provenance)
