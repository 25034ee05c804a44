"""Reading the texts of a request, with stand-ins where the policy wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.scan.rewriting import REDACTING
from gateway.scan.stand_ins import UNKNOWN_STAND_IN
from gateway.steps.inspection import Beside, inspect
from gateway.steps.shadowing import Shadows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.policy.decide import Decision
    from gateway.steps.call import Call
    from gateway.steps.consulting import Consulted
    from gateway.steps.tally import Inspection
    from gateway.wire.exchange import Text

__all__ = ["inspect_request"]


async def inspect_request(
    call: Call,
    decision: Decision,
    texts: Sequence[Text],
    consulted: Consulted | None = None,
) -> Inspection:
    """What the scanners find in a request.

    Only where a stand-in is not known is it asked whether an earlier answer gave it to the client.
    What overrides in shadow mode would have found goes to the call.
    """
    engine, conversation = call.active.engine, call.conversation
    words = conversation.pseudonyms.outward if conversation else REDACTING
    shadows = Shadows(engine, decision, texts, words)
    beside = Beside(consulted, shadows)
    asked = await inspect(engine, decision, texts, words, beside)
    unknown = any(note.entity == UNKNOWN_STAND_IN for note in asked.findings)
    if unknown and conversation and await conversation.recall():
        asked = await inspect(engine, decision, texts, words, beside)
    call.shadow += shadows.notes(asked)
    return asked
