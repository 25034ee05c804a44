"""What stands in a store, as what it has to be: whoever owns it may have put anything there.

SQLite holds a value of any type in any column. What is of another type than the gateway writes is
said to be so; nothing is made of it by the way. (A number is not even read: ``bytes`` of one are
as many zeros.)
"""

from __future__ import annotations

from gateway.errors import AuditUnavailable

__all__ = ["header_bytes", "number"]

_ADVICE = "run `gateway audit verify`"


def number(value: object, what: str) -> int:
    """A number that stands in a store as one, or as the digits of one.

    Args:
        value: What stands there.
        what: What it should be, in words.

    Raises:
        AuditUnavailable: It is none.
    """
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    raise AuditUnavailable(f"the store does not say {what}: {_ADVICE}")


def header_bytes(value: object) -> bytes:
    """The header of a record, or what retention left of it.

    Raises:
        AuditUnavailable: Something else stands there.
    """
    if isinstance(value, bytes):
        return value
    raise AuditUnavailable(f"the store holds a damaged record: {_ADVICE}")
