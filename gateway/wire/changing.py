"""Writing into a request what the policy demands of its parameters.

A format says per parameter how it is written; what it has no writer for, it cannot say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gateway.errors import PolicyDenied

if TYPE_CHECKING:
    from gateway.terms import Changes

__all__ = ["Writer", "as_number", "as_whole", "change", "fixed", "put", "unwritable"]

Writer = Callable[[dict[str, Any], Any], None]
"""Writes one parameter's new value into a body that is a copy of its own, at the top."""


class _Names(frozenset[str]):
    """Names in which each of many tools is looked up, whatever a body calls it."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name)


def change(
    body: Mapping[str, Any], changes: Changes, writers: Mapping[str, Writer]
) -> dict[str, Any]:
    """The body with every change in it; members that change are copied.

    Raises:
        PolicyDenied: There is no writer for a change.
    """
    written = dict(body)
    for word, value in changes.items():
        writer = writers.get(word)
        if writer is None:
            raise unwritable(word)
        writer(written, _Names(value) if isinstance(value, tuple) else value)
    return written


def unwritable(word: str) -> PolicyDenied:
    """The refusal of a request for which the policy demands what its format cannot say."""
    return PolicyDenied(f"the format of this route cannot say what rules demand of {word}")


def put(word: str, check: Callable[[str, Any], Any], *keys: str) -> Writer:
    """Writes a value at every one of some keys that the body has, or else at the first."""

    def write(body: dict[str, Any], value: Any) -> None:
        for key in [key for key in keys if body.get(key) is not None] or keys[:1]:
            body[key] = check(word, value)

    return write


def fixed(word: str, only: Any) -> Writer:
    """For a parameter that has one value in a format and no member: any other cannot be said."""

    def write(_: dict[str, Any], value: Any) -> None:
        if value != only:
            raise unwritable(word)

    return write


def as_whole(word: str, value: Any) -> int:
    """A value that can be written as a whole number; 4096.0 is one.

    Raises:
        PolicyDenied: It is none.
    """
    if isinstance(value, (int, float)) and float(value).is_integer():
        return int(value)
    raise unwritable(word)


def as_number(word: str, value: Any) -> float:
    """A value that can be written as a number.

    Raises:
        PolicyDenied: It is none.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    raise unwritable(word)
