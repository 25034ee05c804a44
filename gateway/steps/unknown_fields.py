"""Refusing what a format does not know, where the policy says ``unknown_fields: refuse``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.errors import BadRequest
from gateway.wire.exchange import pointer

if TYPE_CHECKING:
    from gateway.policy.decision import Decision
    from gateway.wire.exchange import Exchange

__all__ = ["unknown_field"]


def unknown_field(decision: Decision, exchange: Exchange) -> BadRequest | None:
    """The refusal of a request with a text where its format knows none; None where it may go on.

    It names the nearest place that the format knows, and nothing that the client wrote.
    """
    place = exchange.unknown_at if decision.unknown_fields == "refuse" else None
    if place is None:
        return None
    where = pointer(place) or "the body"
    said = f"{where} has a field or a value that the format of this route does not know"
    return BadRequest(said, message=f"{said}; the policy refuses those.")
