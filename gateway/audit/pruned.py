"""What was removed from the log because its time was over, as the log itself records.

A record of stage ``audit.pruned`` says up to where: ``headers_before`` and ``sealed_before`` are
the numbers (``seq``) of the first record that kept its header, and its sealed part. What lies
before may be gone, and need not be: a legal hold keeps single records. The tree keeps all leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from gateway.audit.store.schema import decode

if TYPE_CHECKING:
    from gateway.audit.store.base import Reader

__all__ = ["Pruned"]

_PRUNED: Final = "SELECT seq, header FROM records WHERE stage = 'audit.pruned' ORDER BY seq"


@dataclass(frozen=True, slots=True)
class Pruned:
    """The first records, by ``seq``, that must have their headers and their sealed parts."""

    headers: int = 0
    sealed: int = 0

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """What all prunings together have removed.

        Raises:
            AuditUnavailable: The store cannot be read.
        """
        headers = sealed = 0
        for seq, raw in reader.rows(_PRUNED):
            detail = _detail(raw)
            headers = max(headers, _before(detail.get("headers_before"), seq))
            sealed = max(sealed, _before(detail.get("sealed_before"), seq))
        return cls(headers, max(headers, sealed))


def _detail(raw: object) -> dict[str, Any]:
    header = decode(raw)
    detail = header.get("detail") if header is not None else None
    return detail if isinstance(detail, dict) else {}


def _before(value: object, seq: int) -> int:
    """A number that a pruning names: it cannot have removed what came after it."""
    return min(value, seq) if isinstance(value, int) else 0
