"""The way of a request: admit, identify, read, decide, count, scan, record the intent, forward.

The answer's guard and the record of the outcome are part of forwarding. A step that cannot do its
work refuses the request, and every refusal is recorded before it is sent. What a call holds of its
limits is settled when it has ended, however it has.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import structlog

from gateway.errors import (
    AuditUnavailable,
    InternalFault,
    MethodNotAllowed,
    NotFound,
    PolicyDenied,
    RateLimited,
    Refusal,
    StateUnavailable,
)
from gateway.heap import give_back
from gateway.ingress.body import ClientDisconnected, read_body
from gateway.ingress.guard import RequestHead, content_length, guard
from gateway.ingress.headers import require_json
from gateway.ingress.held_list import held_lists
from gateway.ingress.strict_json import loads
from gateway.policy.days import today
from gateway.policy.decide import Ask, allowed_routes, decide
from gateway.steps.answering import INLINE_BYTES, Errand, forward
from gateway.steps.asking import inspect_request
from gateway.steps.call import Call
from gateway.steps.consulting import consult
from gateway.steps.copying import copying_of
from gateway.steps.faults import fault
from gateway.steps.hangup import ClientGone, Hangup
from gateway.steps.limiting import settle, take
from gateway.steps.outgoing import forwarded
from gateway.steps.packed_body import LONG, PackedBody, packed
from gateway.steps.responding import send_refusal
from gateway.steps.shadowing import rule_notes
from gateway.steps.unknown_fields import unknown_field
from gateway.terms import Action
from gateway.wire.formats import nearest_format

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.identity.identify import Identity
    from gateway.ingress.proxies import Proxies
    from gateway.limits.limiter import Limiter
    from gateway.policy.decide import Decision
    from gateway.settings import LimitSettings
    from gateway.steps.activation import Active
    from gateway.steps.call import Receive, Send
    from gateway.steps.consulting import Consultants
    from gateway.steps.conversing import Conversations
    from gateway.steps.holding import Holdings
    from gateway.steps.journal import Journal
    from gateway.steps.metrics import Metrics
    from gateway.steps.models import ModelList
    from gateway.steps.tally import Inspection
    from gateway.terms import Principal
    from gateway.upstream.table import Upstream, UpstreamTable
    from gateway.upstream.transport import Transport
    from gateway.wire.exchange import Exchange, Target
    from gateway.wire.formats import Route, Router

__all__ = ["Pipeline", "Rooms", "request_head"]

_log = structlog.get_logger("gateway.pipeline")

_CLIENT_GONE: Final = 499
_DENIALS: Final = (PolicyDenied, RateLimited, StateUnavailable)


def request_head(scope: Any) -> RequestHead:
    """The head of a request; its headers are copied before the body is read.

    Servers append chunk trailers to the headers of the scope while the body comes in.
    """
    client = scope["client"]
    return RequestHead(
        scope["method"],
        scope["raw_path"],
        scope["query_string"],
        scope["http_version"],
        tuple(scope["headers"]),
        client[0] if client else None,
    )


@dataclass(frozen=True, slots=True)
class Rooms:
    """What the pipeline works with; ``active`` gives the policy in force with its scanners."""

    active: Callable[[], Active]
    router: Router
    identity: Identity
    upstreams: UpstreamTable
    transport: Transport
    models: ModelList
    journal: Journal
    limiter: Limiter
    conversations: Conversations
    holdings: Holdings
    consultants: Consultants
    limits: LimitSettings
    metrics: Metrics
    proxies: Proxies


class Pipeline:
    """The data plane, as an ASGI application."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Handles one request, whatever becomes of it."""
        head = request_head(scope)
        client = self._rooms.proxies.client_address(head.peer, head.headers)
        call = Call(head, client, receive, send, self._rooms.active())
        self._rooms.metrics.in_flight.inc()
        try:
            await self._handle(call)
        except Refusal as refusal:
            await self._refuse(call, refusal)
        except (ClientGone, ClientDisconnected):
            await self._abandon(call, "client_gone")
        except asyncio.CancelledError:
            await self._abandon(call, "shutting_down")
            raise
        except Exception as error:  # noqa: BLE001 - an answer is owed, and no words of the error
            _log.error("internal_fault", request=call.request, **fault(error))
            await self._refuse(call, InternalFault(f"internal: {type(error).__name__}"))
        finally:
            self._rooms.metrics.in_flight.dec()
            await settle(call)

    async def _handle(self, call: Call) -> None:
        route, model = self._admit(call)
        principal = await self._rooms.identity.identify(call.head, call.client)
        call.principal, call.roles = principal, call.active.policy.roles_of(principal)
        target = route.target(call.head.query, model)
        if route.kind == "models":
            await self._list_models(call)
            return
        errand = await self._prepare(call, principal, route, target)
        call.let_go()
        async with Hangup(call.receive):
            large = len(call.body) > INLINE_BYTES
            intent = await self._rooms.journal.intent(call)
            if large:
                # It is not spelt for the upstream beside the record that holds it.
                await intent.durable()
            rooms = self._rooms
            await forward(errand, intent, rooms.transport, rooms.journal, rooms.limits)

    async def _prepare(
        self, call: Call, principal: Principal, route: Route, target: Target
    ) -> Errand:
        """Reads, decides, counts and scans a request; what may go out as it may go out."""
        exchange = await self._read(call, route, target)
        decision, upstream = self._decide(call, principal, route, exchange)
        call.holding = self._rooms.holdings.of(principal, upstream.name)
        await take(call, decision, exchange, self._rooms.limiter, self._rooms.metrics)
        asked = await self._scan(call, principal, decision, exchange)
        call.copying = await copying_of(call.active.policy, decision, exchange.texts)
        pack = isinstance(call.body, PackedBody)
        outgoing = await forwarded(route.format, exchange, decision, asked, pack=pack)
        return Errand(
            call,
            route.format,
            exchange.stream,
            decision,
            upstream,
            outgoing,
            self._rooms.consultants,
        )

    def _admit(self, call: Call) -> tuple[Route, str | None]:
        """The route of a request, and the model where its path names it."""
        guard(call.head, max_headers_bytes=self._rooms.limits.headers)
        found = self._rooms.router.find(call.head.raw_path)
        if found is None:
            raise NotFound("no route has this path")
        call.route, model = found
        if call.head.method not in call.route.methods:
            raise MethodNotAllowed("the route takes other methods")
        return call.route, model

    async def _list_models(self, call: Call) -> None:
        if not allowed_routes(call.active.policy, call.roles):
            raise PolicyDenied("no rule allows these roles anything")
        body = await self._rooms.models.body(call)
        call.status, call.listed = 200, True
        await self._rooms.journal.outcome(call)
        await self._rooms.models.answer(call, body)

    async def _read(self, call: Call, route: Route, target: Target) -> Exchange:
        require_json(call.head.headers)
        call.body = await read_body(
            call.receive,
            limit=self._rooms.limits.body,
            timeout=self._rooms.limits.body_timeout,
            declared=content_length(call.head.headers),
        )
        if len(call.body) > INLINE_BYTES:
            read = await asyncio.to_thread(_exchange_of_long, route, target, call.body)
            call.exchange, call.body = read
        else:
            call.exchange = _exchange(route, target, call.body)
        return call.exchange

    def _decide(
        self, call: Call, principal: Principal, route: Route, exchange: Exchange
    ) -> tuple[Decision, Upstream]:
        policy = call.active.policy
        ask = Ask(
            call.roles,
            route.name,
            exchange.model,
            exchange.parameters,
            policy.exceptions_of(principal),
            today(),
        )
        call.decision = decision = decide(policy, ask)
        call.shadow = rule_notes(decision)
        if not decision.allowed:
            raise PolicyDenied(decision.reason, message=decision.message)
        strange = unknown_field(decision, exchange)
        if strange is not None:
            call.denied = True
            raise strange
        call.upstream = upstream = (
            self._rooms.upstreams.for_model(exchange.model)
            if route.upstream is None
            else self._rooms.upstreams.named(route.upstream)
        )
        if upstream is None:
            raise NotFound("no upstream serves this model", message="No upstream has this model.")
        return decision, upstream

    async def _scan(
        self, call: Call, principal: Principal, decision: Decision, exchange: Exchange
    ) -> Inspection:
        engine, texts = call.active.engine, exchange.texts
        continues = exchange.continues
        if exchange.held and call.holding is not None:
            continues = await call.holding.check(exchange.held, decision.unknown_conversations)
        if engine.tokenises(decision.scanners):
            begin = self._rooms.conversations.begin
            call.conversation = await begin(principal, exchange, continues)
        consulted = await consult(engine, self._rooms.consultants, decision, texts)
        call.asked = asked = await inspect_request(call, decision, texts, consulted)
        if asked.action is Action.BLOCK:
            raise asked.refusal()
        return asked

    async def _refuse(self, call: Call, refusal: Refusal) -> None:
        """Records a refusal and sends it; where it cannot be recorded, says so instead."""
        call.clock.stop_waiting()
        call.error = f"{refusal.code}: {refusal.reason}"
        if not call.started_answer:
            call.status = refusal.status
        call.denied = call.denied or isinstance(refusal, _DENIALS)
        try:
            if not isinstance(refusal, AuditUnavailable):
                await self._rooms.journal.outcome(call)
        except AuditUnavailable as unavailable:
            call.status, refusal = unavailable.status, unavailable
        if call.started_answer:
            return  # The connection is cut without an end, which no client takes for an answer.
        if isinstance(refusal, MethodNotAllowed):
            refusal.headers = ((b"allow", self._methods(call).encode()),)
        wire = call.route.format if call.route else nearest_format(call.head.raw_path)
        await send_refusal(call, refusal, wire)

    def _methods(self, call: Call) -> str:
        """The methods of a path, which RFC 9110 §15.5.6 wants to be told with a 405."""
        found = self._rooms.router.find(call.head.raw_path)
        return ", ".join(sorted(found[0].methods)) if found else "GET, POST"

    async def _abandon(self, call: Call, why: str) -> None:
        """Records a call whose client hears no answer any more."""
        call.clock.stop_waiting()
        call.status, call.error = _CLIENT_GONE, why
        try:
            await self._rooms.journal.outcome(call)
        except AuditUnavailable as unavailable:
            _log.error("outcome_not_recorded", request=call.request, reason=unavailable.reason)


def _exchange(route: Route, target: Target, raw: bytes | bytearray) -> Exchange:
    return route.format.read(loads(raw, hold=True), target)


def _exchange_of_long(
    route: Route, target: Target, raw: bytes | bytearray
) -> tuple[Exchange, bytes | bytearray | PackedBody]:
    """The same of a long body, and that body as it is kept from then on."""
    if len(raw) > LONG:
        # What came in pieces is spread over the whole heap, as what parsing takes is.
        give_back()
    exchange = _exchange(route, target, raw)
    body = raw if held_lists(exchange.body) else packed(raw)
    if len(raw) > LONG:
        give_back()
    return exchange, body
