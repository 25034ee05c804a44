"""The records of a running gateway's log, in their order, from its live stream.

A stream begins at a cursor and never ends: the records that were there when it was asked for have
all come once one comes, or is covered by a checkpoint that comes, behind the last of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from gateway.audit.cursor import Cursor
from gateway.audit.exports.reading import Stored
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.cli.remote import Remote

__all__ = ["remote_end", "remote_records"]

_STREAM: Final = "/gateway/audit/stream"
_PRUNED: Final = "older records were pruned"
_NO_CURSOR: Final = "the gateway's stream names no place in its log"


def remote_end(remote: Remote) -> Cursor:
    """The place of the last record that there is.

    Raises:
        ConfigurationError: The gateway cannot be reached, or refuses.
        AuditUnavailable: It does not say.
    """
    return _cursor(remote.place(_STREAM))


def remote_records(
    remote: Remote, filters: Mapping[str, str], after: int, end: Cursor
) -> Iterator[Stored]:
    """The records that match, from a place in the log on to another.

    What retention has taken out is not among them.

    Args:
        remote: The gateway.
        filters: As a query names them.
        after: The place.
        end: The last place, as ``remote_end`` gave it.

    Raises:
        ConfigurationError: The gateway cannot be reached, or refuses.
        AuditUnavailable: The stream has a gap: not all records can be had.
    """
    if after >= end.seq:
        return
    for one in remote.stream(_STREAM, filters, str(Cursor(end.store, after))):
        place = _cursor(one.cursor)
        if one.kind == "gap":
            reason = str(orjson.loads(one.data)["reason"])
            if reason != _PRUNED:
                raise AuditUnavailable(f"the gateway's stream has a gap: {reason}")
        elif one.kind == "record" and place.seq <= end.seq:
            yield Stored(place.seq, orjson.loads(one.data))
        if place.seq >= end.seq:
            return


def _cursor(text: str) -> Cursor:
    found = Cursor.parse(text)
    if found is None:
        raise AuditUnavailable(_NO_CURSOR)
    return found
