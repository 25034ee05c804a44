"""The limits of a call: counted before it is read by scanners, settled when it has ended."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import structlog

from gateway.errors import RateLimited, StateLost, StateUnavailable
from gateway.limits.charges import charges_of
from gateway.limits.estimate import estimate

if TYPE_CHECKING:
    from gateway.limits.estimate import Estimate
    from gateway.limits.limiter import Limiter
    from gateway.policy.decision import Decision
    from gateway.steps.call import Call
    from gateway.steps.metrics import Metrics
    from gateway.wire.exchange import Exchange

__all__ = ["settle", "take", "used_tokens"]

_log = structlog.get_logger("gateway.steps")


async def take(
    call: Call, decision: Decision, exchange: Exchange, limiter: Limiter, metrics: Metrics
) -> None:
    """Counts a call in every limit of the rules that allow it.

    Raises:
        RateLimited: One of them is used up.
        StateUnavailable: The counts cannot be asked, and the policy says to refuse then.
    """
    if not decision.limits or call.principal is None:
        return
    charges = charges_of(decision.limits, call.principal)
    try:
        call.lease = await limiter.take(charges, _expected(decision, exchange))
    except RateLimited:
        metrics.limited.inc()
        raise
    except StateLost as lost:
        metrics.state_failures.inc()
        if decision.on_state_error != "allow":
            raise StateUnavailable(f"limits: {lost}") from None
        _log.warning("limits_not_counted", request=call.request)


async def settle(call: Call) -> None:
    """Ends the call's part in its limits; goes on when the caller is cancelled meanwhile."""
    if call.lease is not None:
        await call.lease.settle(used_tokens(call))


def used_tokens(call: Call) -> int | None:
    """Tokens that a call has used up, as far as anybody knows; None where nobody does.

    What never reached the upstream used none, and neither did what the upstream refused. Counts of
    an answer that was cut short are those of its beginning, and tell nothing.
    """
    if not call.clock.sent or call.unused:
        return 0
    usage = call.usage
    if not call.complete or usage is None:
        return None
    if usage.input_tokens is None or usage.output_tokens is None:
        return None
    return usage.input_tokens + usage.output_tokens


def _expected(decision: Decision, exchange: Exchange) -> Estimate:
    """What a request may cost as it will leave."""
    reserve = max(use.limit.reserve for use in decision.limits)
    ours = (decision.changes.get(word) for word in ("system", "system_prefix"))
    texts = chain((text.value for text in exchange.texts), (str(text) for text in ours if text))
    return estimate(exchange.parameters.changed(decision.changes), texts, reserve)
