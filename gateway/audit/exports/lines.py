"""The formats that an export or a sink can be asked for: one line of text for each record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway.audit.exports.cef import to_cef
from gateway.audit.exports.ocsf import to_ocsf
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["DAMAGE", "FORMATS", "line"]


def _jsonl(header: Mapping[str, Any]) -> bytes:
    return orjson.dumps(header)


def _ocsf(header: Mapping[str, Any]) -> bytes:
    return orjson.dumps(to_ocsf(header))


def _cef(header: Mapping[str, Any]) -> bytes:
    return to_cef(header).encode()


_WRITERS: Final[dict[str, Callable[[Mapping[str, Any]], bytes]]] = {
    "jsonl": _jsonl,
    "ocsf": _ocsf,
    "cef": _cef,
}

DAMAGE: Final = (KeyError, TypeError, ValueError, AttributeError, OverflowError)
"""What reading a header raises that is none."""

FORMATS: Final = tuple(_WRITERS)
"""Their names."""


def line(header: Mapping[str, Any], form: str) -> bytes:
    """A record in one of ``FORMATS``, in UTF-8, without a line break in it or after it.

    Args:
        header: The record's clear header.
        form: One of ``FORMATS``.

    Raises:
        AuditUnavailable: It is no header: somebody has put something else into the store.
    """
    try:
        return _WRITERS[form](header)
    except DAMAGE:
        message = "the store holds a damaged record: run `gateway audit verify`"
        raise AuditUnavailable(message) from None
