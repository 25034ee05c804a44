"""The request target: paths and queries that mean the same to everyone (RFC 3986)."""

from __future__ import annotations

from typing import Final

from gateway.ingress.rules import refuse

__all__ = ["check_path", "check_query", "check_target"]

_MAX_PATH: Final = 2048
_MAX_QUERY: Final = 4096
_UNRESERVED: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
# RFC 3986 §3.3 pchar, without ";" (path parameters, which servers cut off or keep at will).
_PATH: Final = _UNRESERVED + b"!$&'()*+,=:@/%"
_QUERY: Final = _PATH + b"?;"
_HEX: Final = frozenset(b"0123456789abcdefABCDEF")
_CONTROLS: Final = frozenset({*range(0x20), 0x7F})
_HIDDEN: Final = frozenset({*_UNRESERVED, *_CONTROLS, *range(0x80, 0x100), *b"/\\%;#?"})


def check_path(raw: bytes) -> None:
    r"""Refuses a raw path that could be read in two ways.

    Percent-encoding is left only for what needs it and hides nothing: spaces and reserved
    characters other than ``/ \ % ; # ?``.

    Raises:
        BadRequest: The path breaks a rule.
        TooLarge: It is longer than 2 KiB.
    """
    if len(raw) > _MAX_PATH:
        refuse("path-size")
    if raw[:1] != b"/":
        refuse("path-form")
    if raw.translate(None, _PATH):
        refuse("path-bytes")
    if b"//" in raw or (b"/." in raw and _has_dot_segment(raw)):
        refuse("path-dots")
    if b"%" in raw and not _escapes_avoid(raw, _HIDDEN):
        refuse("path-escape")


def check_query(raw: bytes) -> None:
    """Refuses a raw query, without its ``?``, that is none.

    Raises:
        BadRequest: The query breaks a rule.
        TooLarge: It is longer than 4 KiB.
    """
    if not raw:
        return
    if len(raw) > _MAX_QUERY:
        refuse("query-size")
    if raw.translate(None, _QUERY):
        refuse("query-bytes")
    if b"%" in raw and not _escapes_avoid(raw, _CONTROLS):
        refuse("query-escape")


def check_target(raw: bytes) -> None:
    """Refuses a whole request target as it stood on the wire.

    Servers take absolute-form targets apart and drop fragments before an application sees them,
    so a protocol class that still has the target is the only place to ask.

    Raises:
        BadRequest: It is not in origin-form (RFC 9112 §3.2.1) or breaks a rule.
        TooLarge: Path or query is too long.
    """
    path, _, query = raw.partition(b"?")
    check_path(path)
    check_query(query)


def _has_dot_segment(raw: bytes) -> bool:
    return not {b".", b".."}.isdisjoint(raw.split(b"/"))


def _escapes_avoid(raw: bytes, forbidden: frozenset[int]) -> bool:
    """Whether every ``%`` starts two hexadecimal digits that encode nothing forbidden."""
    return all(
        len(part) >= 2
        and part[0] in _HEX
        and part[1] in _HEX
        and int(part[:2], 16) not in forbidden
        for part in raw.split(b"%")[1:]
    )
