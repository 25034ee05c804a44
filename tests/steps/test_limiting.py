"""A call is counted before it is read, and settled with what it really used."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gateway.errors import RateLimited, StateLost, StateUnavailable
from gateway.ingress.guard import RequestHead
from gateway.limits.memory import MemoryLimiter
from gateway.steps.call import Call
from gateway.steps.limiting import settle, take, used_tokens
from gateway.steps.metrics import Metrics
from gateway.terms import Limit, LimitUse, Principal, Rate
from gateway.wire.exchange import Usage
from gateway.wire.formats import OPENAI

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.limits.limiter import Lease, Limiter
    from gateway.policy.decision import Decision

    Decide = Callable[..., Decision]

ADA = Principal("ada", "https://issuer", (), None, {}, b"", 0.0)
TOKENS = Limit("budget", tokens=Rate(1000, 3600.0), reserve=100)
EXCHANGE = OPENAI.read(
    {"model": "m", "max_tokens": 50, "messages": [{"role": "user", "content": "hello"}]}
)


class Lost:
    """A limiter whose state does not answer."""

    async def take(self, *_: object) -> Lease:
        raise StateLost("no answer")

    async def close(self) -> None:
        return None


def call() -> Call:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(_: Any) -> None:
        return None

    head = RequestHead("POST", b"/", b"", "1.1", ())
    made = Call(head, None, receive, send, None)  # type: ignore[arg-type]  # no policy is asked
    made.principal = ADA
    return made


def limited(decision: Decision, limit: Limit = TOKENS, on_error: Any = "refuse") -> Decision:
    return replace(decision, limits=(LimitUse(limit),), on_state_error=on_error)


async def left(limiter: Limiter, decision: Decision) -> int:
    one = call()
    await take(one, decision, EXCHANGE, limiter, Metrics())
    assert one.lease is not None
    await one.lease.settle(0)
    return int(dict(one.lease.headers)[b"x-ratelimit-remaining-tokens"])


@pytest.mark.parametrize(
    ("usage", "how", "used"),
    [
        (Usage(30, 12), "complete", 42),
        (Usage(None, 12), "complete", None),
        (Usage(30, None), "complete", None),
        (None, "complete", None),
        (Usage(30, 1), "cut short", None),
        (None, "cut short", None),
        (None, "refused upstream", 0),
        (None, "never sent", 0),
    ],
)
def test_what_a_call_used_is_the_providers_word_or_nothing_or_unknown(
    usage: Usage | None, how: str, used: int | None
) -> None:
    one = call()
    one.usage, one.clock.sent = usage, 0.0 if how == "never sent" else 1.0
    one.unused, one.complete = how == "refused upstream", how == "complete"
    assert used_tokens(one) == used


async def test_tokens_are_set_aside_and_settled(decision: Decide) -> None:
    limiter, ours = MemoryLimiter(), limited(decision())
    before = await left(limiter, ours)
    one = call()
    await take(one, ours, EXCHANGE, limiter, Metrics())
    assert await left(limiter, ours) <= before - 50
    one.clock.sent, one.usage, one.complete = 1.0, Usage(3, 4), True
    await settle(one)
    assert await left(limiter, ours) == before - 7


async def test_what_was_never_sent_gives_everything_back(decision: Decide) -> None:
    limiter, ours = MemoryLimiter(), limited(decision())
    before = await left(limiter, ours)
    one = call()
    await take(one, ours, EXCHANGE, limiter, Metrics())
    await settle(one)
    assert await left(limiter, ours) == before


async def test_what_rules_write_is_what_is_set_aside(decision: Decide) -> None:
    limiter, ours = MemoryLimiter(), limited(decision(), replace(TOKENS, reserve=100_000))
    long = OPENAI.read({**EXCHANGE.body, "max_tokens": 90_000})
    with pytest.raises(RateLimited):
        await take(call(), ours, long, limiter, Metrics())
    await take(call(), replace(ours, changes={"max_tokens": 50}), long, limiter, Metrics())


async def test_a_refusal_is_counted(decision: Decide) -> None:
    metrics, ours = Metrics(), limited(decision(), Limit("one", requests=Rate(1, 60.0)))
    limiter = MemoryLimiter()
    await take(call(), ours, EXCHANGE, limiter, metrics)
    with pytest.raises(RateLimited, match="one"):
        await take(call(), ours, EXCHANGE, limiter, metrics)
    assert metrics.registry.get_sample_value("gateway_limited_total") == 1


async def test_a_lost_state_refuses_unless_the_policy_says_otherwise(decision: Decide) -> None:
    metrics = Metrics()
    with pytest.raises(StateUnavailable):
        await take(call(), limited(decision()), EXCHANGE, Lost(), metrics)
    one = call()
    await take(one, limited(decision(), on_error="allow"), EXCHANGE, Lost(), metrics)
    assert one.lease is None
    await settle(one)
    assert metrics.registry.get_sample_value("gateway_state_failures_total") == 2


async def test_without_limits_nobody_is_asked(decision: Decide) -> None:
    one = call()
    await take(one, decision(), EXCHANGE, Lost(), Metrics())
    assert one.lease is None
