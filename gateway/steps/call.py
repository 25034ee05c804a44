"""The state of one request on its way through the gateway."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gateway.ids import uuid7
from gateway.ingress.json_writing import Later
from gateway.terms import Action

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping
    from typing import Any

    from gateway.audit.record import ShadowNote
    from gateway.ingress.guard import RequestHead
    from gateway.limits.limiter import Lease
    from gateway.policy.decide import Decision
    from gateway.steps.activation import Active
    from gateway.steps.conversing import Conversation
    from gateway.steps.copying import Copying
    from gateway.steps.holding import Holding
    from gateway.steps.packed_body import PackedBody
    from gateway.steps.tally import Inspection
    from gateway.terms import Principal
    from gateway.upstream.table import Upstream
    from gateway.wire.exchange import Exchange, Usage
    from gateway.wire.formats import Route

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

__all__ = ["Call", "Clock"]


@dataclass(slots=True)
class Clock:
    """When what happened, in seconds of a monotonic clock; 0 where it has not."""

    started: float = field(default_factory=time.perf_counter)
    sent: float = 0.0
    first_byte: float = 0.0
    answered: float = 0.0

    def upstream_ms(self) -> float:
        """Milliseconds that were spent waiting for the upstream so far."""
        last = max(self.answered, self.first_byte)
        return (last - self.sent) * 1e3 if self.sent and last else 0.0

    def first_byte_ms(self) -> float:
        """Milliseconds from sending the request upstream to the first byte of its answer."""
        return (self.first_byte - self.sent) * 1e3 if self.first_byte else 0.0

    def gateway_ms(self) -> float:
        """Milliseconds so far that were the gateway's own."""
        unheard = self.sent and not (self.first_byte or self.answered)
        waiting = time.perf_counter() - self.sent if unheard else 0.0
        return (time.perf_counter() - self.started - waiting) * 1e3 - self.upstream_ms()

    def stop_waiting(self) -> None:
        """The upstream is waited for no more, whether its answer came to an end or not."""
        if self.sent and not self.answered:
            self.answered = time.perf_counter()


@dataclass(slots=True)
class Call:
    """One request: what came in, and what every step found out about it.

    Steps fill it in order; the audit records are made from it whatever happens. ``complete`` says
    that the upstream's answer came to its own end, so that its token counts are those of all of it;
    ``unused`` that the upstream did nothing for it: it refused, or could not be reached.
    """

    head: RequestHead
    client: str | None
    receive: Receive
    send: Send
    active: Active
    request: str = field(default_factory=uuid7)
    clock: Clock = field(default_factory=Clock)
    route: Route | None = None
    body: bytes | bytearray | PackedBody = b""
    principal: Principal | None = None
    roles: frozenset[str] = frozenset()
    exchange: Exchange | None = None
    decision: Decision | None = None
    asked: Inspection | None = None
    answered: Inspection | None = None
    upstream: Upstream | None = None
    lease: Lease | None = None
    conversation: Conversation | None = None
    holding: Holding | None = None
    shadow: tuple[ShadowNote, ...] = ()
    copying: Copying | None = None
    usage: Usage | None = None
    status: int | None = None
    error: str | None = None
    answer: str | Mapping[str, str] | None = None
    listed: bool = False
    denied: bool = False
    complete: bool = False
    unused: bool = False
    started_answer: bool = False
    concluded: bool = False

    def let_go(self) -> None:
        """Lets go of the request's texts: what goes out is written, and records need none of it."""
        if self.exchange is not None:
            self.exchange = replace(self.exchange, texts=(), body={}, opening="")
        if self.asked is not None:
            self.asked = replace(self.asked, replacements={}, later=Later())

    @property
    def action(self) -> Action:
        """The strongest action of all findings so far."""
        asked = self.asked.action if self.asked else Action.ALLOW
        return max(asked, self.answered.action) if self.answered else asked

    @property
    def decision_word(self) -> str:
        """What was decided, as headers and audit records say it."""
        allowed = self.listed if self.decision is None else self.decision.allowed
        return self.action.word if allowed and not self.denied else "deny"
