"""Notices that the log's keys are not those of the writer before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.audit.store.schema import decode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.audit.store.base import Store

__all__ = ["key_change", "last_open", "said"]

_NEWEST: Final = (
    "SELECT header FROM records WHERE wseq = 0 AND writer = (SELECT max(number) FROM writers)"
)


def last_open(store: Store) -> Mapping[str, Any]:
    """What the newest writer said when it began; nothing where there is none.

    Raises:
        AuditUnavailable: The store cannot be read.
    """
    with store.work() as work:
        rows = work.rows(_NEWEST)
    header = decode(rows[0][0]) if rows else None
    detail = None if header is None else header.get("detail")
    return detail if isinstance(detail, dict) else {}


def key_change(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any] | None:
    """The detail of ``key.changed``, or None where nothing changed.

    Args:
        before: What the writer before said in ``writer.open``; earlier versions named no ``key``.
        now: What the one that begins says.
    """
    found: dict[str, Any] = {}
    if "key" in before and (before.get("log"), before["key"]) != (now["log"], now["key"]):
        found["signing"] = {
            "before": {name: before.get(name) for name in ("log", "key")},
            "now": {name: now[name] for name in ("log", "key")},
        }
    former = before.get("recipients")
    if isinstance(former, list) and sorted(map(str, former)) != sorted(now["recipients"]):
        found["recipients"] = {
            "added": [key for key in now["recipients"] if key not in former],
            "removed": [key for key in former if key not in now["recipients"]],
        }
    if "index" in before and before["index"] != now["index"]:
        found["index"] = {"before": before["index"], "now": now["index"]}
    return found or None


def said(detail: Mapping[str, Any]) -> str:
    """The detail of ``key.changed`` in words.

    Raises:
        KeyError, TypeError: It is none.
    """
    words = []
    if "signing" in detail:
        before, now = detail["signing"]["before"], detail["signing"]["now"]
        words.append(
            f"the log's key is {now['log']}+{now['key']}, and was {before['log']}+{before['key']}"
        )
    if "index" in detail:
        before, now = detail["index"]["before"], detail["index"]["now"]
        words.append(f"the key of the index is {now or 'none'}, and was {before or 'none'}")
    for what, keys in detail.get("recipients", {}).items():
        words += [f"recipient {key} was {what}" for key in keys]
    return "; ".join(words)
