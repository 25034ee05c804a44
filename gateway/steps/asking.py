"""Reading the texts of a request, with stand-ins where the policy wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.scan.stand_ins import UNKNOWN_STAND_IN
from gateway.steps.inspection import inspect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.policy.decide import Decision
    from gateway.steps.call import Call
    from gateway.steps.consulting import Consulted
    from gateway.steps.tally import Inspection
    from gateway.wire.exchange import Text

__all__ = ["inspect_request"]


async def inspect_request(
    call: Call, decision: Decision, texts: Sequence[Text], consulted: Consulted | None = None
) -> Inspection:
    """What the scanners find in a request.

    Only where a stand-in is not known is it asked whether an earlier answer gave it to the client.
    """
    engine, conversation = call.active.engine, call.conversation
    if conversation is None:
        return await inspect(engine, decision, texts, consulted=consulted)
    words = conversation.pseudonyms.outward
    asked = await inspect(engine, decision, texts, words, consulted)
    unknown = any(note.entity == UNKNOWN_STAND_IN for note in asked.findings)
    if unknown and await conversation.recall():
        return await inspect(engine, decision, texts, words, consulted)
    return asked
