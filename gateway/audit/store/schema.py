"""What of a record's header stands in columns of its own, in every store.

``records.seq`` numbers the records from 1 in the one order of the log: a record's index in the tree
is one less, and it is the cursor of the live stream. A record's id is a UUIDv7, so the index on it
is also the one on time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COLUMNS", "LAST_SEQ", "PRUNED", "TAG", "TAGGED", "columns", "decode", "tag"]

TAG: Final = "\x1f"
"""Stands before and after each tag; headers hold no control characters."""

COLUMNS: Final = (
    "stage", "request", "subject", "tenant", "model", "upstream", "route", "decision", "status",
    "tags",
)  # fmt: skip

PRUNED: Final = "pruned"
"""The stage column of a record of which only the leaf hash is left, in its header's place."""

TAGGED: Final = ("role", "scanner", "entity", "rule")
"""The kinds of tags, which are also the filters' names."""

LAST_SEQ: Final = "SELECT coalesce((SELECT seq FROM records ORDER BY seq DESC LIMIT 1), 0)"
"""Asks for the last ``seq``, 0 where there is none; max() would read the whole of a view."""


def tag(kind: str, value: object) -> str:
    """A tag as it stands in the ``tags`` column, with its separators."""
    return f"{TAG}{kind}:{value}{TAG}"


def columns(header: Mapping[str, Any]) -> tuple[Any, ...]:
    """The values of ``COLUMNS`` for a header."""
    actor = header["actor"] or {}
    return (
        header["stage"],
        header["request"],
        actor.get("subject"),
        header["tenant"],
        header["model"],
        header["upstream"],
        header["route"],
        header["decision"],
        header["status"],
        _tags(header, actor),
    )


def decode(raw: object) -> dict[str, Any] | None:
    """The header in a stored record, or None where somebody has put something else there."""
    if not isinstance(raw, bytes):
        return None
    try:
        header: dict[str, Any] = orjson.loads(raw)
        columns(header)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return header


def _tags(header: Mapping[str, Any], actor: Mapping[str, Any]) -> str | None:
    tags = {f"role:{role}" for role in actor.get("roles", ())}
    tags.update(f"rule:{rule}" for rule in header["rules"])
    for finding in header["findings"]:
        tags.add(f"scanner:{finding['scanner']}")
        tags.add(f"entity:{finding['entity']}")
    return f"{TAG}{TAG.join(sorted(tags))}{TAG}" if tags else None
