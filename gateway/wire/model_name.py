"""What the APIs ask for in the same words: a model, and whether to stream."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gateway.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["is_model", "read_model", "read_stream", "readable_word"]

_MODEL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,255}", re.ASCII)


def read_model(body: Mapping[str, Any]) -> str:
    """The model asked for.

    Model names go into records and metrics in the clear, so they have a grammar: letters, digits
    and ``. _ : / @ + -``, at most 256 of them.

    Raises:
        BadRequest: There is none, or it is no such name.
    """
    model = body.get("model")
    if not isinstance(model, str):
        raise _bad("/model must be a string")
    if _MODEL.fullmatch(model) is None:
        raise _bad("/model must be a model's name: letters, digits and . _ : / @ + -")
    return model


def read_stream(body: Mapping[str, Any], *, unasked: bool = False) -> bool:
    """Whether a stream is asked for; ``unasked`` is what holds where the body does not say.

    Raises:
        BadRequest: ``stream`` is neither true, false nor null.
    """
    stream = body.get("stream")
    if stream is not None and not isinstance(stream, bool):
        raise _bad("/stream must be true or false")
    return unasked if stream is None else stream


def is_model(name: str) -> bool:
    """Whether a name keeps the grammar of ``read_model``."""
    return _MODEL.fullmatch(name) is not None


def readable_word(value: Any) -> str | None:
    """A model or an ending that an upstream names, if it may stand in a record."""
    return value if isinstance(value, str) and _MODEL.fullmatch(value) else None


def _bad(message: str) -> BadRequest:
    return BadRequest(message, message=f"{message}.")
