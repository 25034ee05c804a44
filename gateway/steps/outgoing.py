"""A request as the upstream hears it: our own serialisation of exactly what was scanned."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from gateway.heap import give_back
from gateway.ingress.held_list import held_lists
from gateway.ingress.json_writing import Later
from gateway.ingress.strict_json import dumped_long, dumps, dumps_long
from gateway.steps.echoes import echoes_of
from gateway.steps.packed_body import PackedBody

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.policy.decide import Decision
    from gateway.steps.echoes import Echoes
    from gateway.steps.tally import Inspection
    from gateway.wire.exchange import Exchange, Format

__all__ = ["Outgoing", "forwarded"]

_LONG_CHARS: Final = 2**18


@dataclass(slots=True)
class Outgoing:
    """A request that may go out.

    Attributes:
        body: What it says, or its bytes; None once they were had, so that it is not held twice.
        counting: Whether it asks for token counts that the client did not ask for.
        later: What marks in it stand for; None where there may be no long texts in it.
        echoes: The texts of it that the answer may repeat.
    """

    body: Mapping[str, Any] | PackedBody | None = field(repr=False)
    counting: bool = False
    later: Later | None = None
    echoes: Echoes = field(default=frozenset(), repr=False)

    def spell(self) -> bytes | bytearray | PackedBody:
        """Its bytes, or what they are made of while they are sent; they can be had once."""
        body, later, self.body, self.later = self.body, self.later, None, None
        if isinstance(body, PackedBody):
            return body
        return dumps(body) if later is None else dumps_long(body, later)

    def let_go(self) -> None:
        """Spells it, so that nothing of the request is needed any more.

        It is compressed until the record is written: the text of the request is there as well.
        """
        self.body = PackedBody(dumped_long(self.body, self.later or Later()))
        self.later = None
        give_back()


async def forwarded(
    wire: Format,
    exchange: Exchange,
    decision: Decision,
    asked: Inspection,
    *,
    pack: bool = False,
) -> Outgoing:
    """The request with what was found rewritten, and then with what rules demand.

    Lists that are held let go of the text of the request: the record needs it.

    Args:
        wire: The format of the route.
        exchange: The request.
        decision: What rules demand.
        asked: What was found.
        pack: Whether to write it now and keep it compressed, as is done where lists are held.

    Raises:
        PolicyDenied: The format has no way to say what a rule demands.
    """
    held = held_lists(exchange.body)
    if not held and not pack:
        return _forwarded(wire, exchange, decision, asked)
    outgoing = await asyncio.to_thread(_spelt, wire, exchange, decision, asked)
    for one in held:
        one.let_go()
    return outgoing


def _spelt(wire: Format, exchange: Exchange, decision: Decision, asked: Inspection) -> Outgoing:
    outgoing = _forwarded(wire, exchange, decision, asked)
    outgoing.let_go()
    return outgoing


def _forwarded(wire: Format, exchange: Exchange, decision: Decision, asked: Inspection) -> Outgoing:
    body = exchange.body
    if asked.replacements:
        body = wire.rewrite_request(body, asked.replacements)
    if decision.changes:
        body = wire.change_request(body, decision.changes)
    counted = any(use.limit.tokens is not None for use in decision.limits)
    counting = wire.counting_request(body) if counted else None
    echoes = echoes_of(body, exchange.echoed)
    if asked.later:
        echoes = frozenset((path, asked.later.whole(text)) for path, text in echoes)
    return Outgoing(
        body if counting is None else counting,
        counting is not None,
        later=asked.later if asked.later or asked.coverage.chars > _LONG_CHARS else None,
        echoes=echoes,
    )
