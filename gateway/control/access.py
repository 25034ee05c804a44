"""Who may use a control endpoint, and what happens to those who may not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from starlette.responses import JSONResponse

from gateway.audit.record import Record, Source
from gateway.errors import (
    AuditUnavailable,
    InternalFault,
    MethodNotAllowed,
    PolicyDenied,
    Refusal,
)
from gateway.ids import uuid7
from gateway.ingress.guard import guard
from gateway.pipeline import request_head
from gateway.steps.faults import fault
from gateway.steps.journal import actor, header_value
from gateway.steps.responding import DISTRUSTED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from gateway.audit.record import Actor
    from gateway.identity.identify import Identity
    from gateway.ingress.proxies import Proxies
    from gateway.steps.activation import Active
    from gateway.steps.journal import Journal
    from gateway.terms import Principal

    Endpoint = Callable[[Request, "Caller"], Awaitable[Response]]

__all__ = ["Access", "Caller", "refusal_response"]

_log = structlog.get_logger("gateway.control")


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified caller of a control endpoint."""

    principal: Principal
    roles: frozenset[str]
    source: Source
    request: str

    @property
    def actor(self) -> Actor | None:
        """The caller as records name it."""
        return actor(self.principal, self.roles)


class Access:
    """The gate of the control plane: the same HTTP rules and tokens as on the data plane."""

    def __init__(
        self,
        active: Callable[[], Active],
        identity: Identity,
        journal: Journal,
        proxies: Proxies,
        max_headers_bytes: int,
    ) -> None:
        self._active = active
        self._identity = identity
        self._journal = journal
        self._proxies = proxies
        self._max_headers_bytes = max_headers_bytes

    def behind(self, need: str | None, endpoint: Endpoint, *, recorded: bool = True) -> Any:
        """An endpoint that only callers whose roles grant ``need`` reach; None is any token.

        Every answer of it is recorded as a read, unless ``recorded`` says that it does so itself.
        """

        async def guarded(request: Request) -> Response:
            id_ = uuid7()
            head = request_head(request.scope)
            client = self._proxies.client_address(head.peer, head.headers)
            source = Source(client, header_value(head.headers, b"user-agent"))
            who: Actor | None = None
            try:
                guard(head, max_headers_bytes=self._max_headers_bytes)
                principal = await self._identity.identify(head, client)
                roles = self._active().policy.roles_of(principal)
                who = actor(principal, roles)
                self._check(head.method, need, roles)
                caller = Caller(principal, roles, source, id_)
                response = await endpoint(request, caller)
                if recorded:
                    id_ = await self._read(caller, request.scope["path"])
            except Refusal as refusal:
                return await self._refuse(refusal, id_, who, source)
            except Exception as error:  # noqa: BLE001 - an answer is owed, without the error's words
                _log.error("internal_fault", request=id_, **fault(error))
                reason = f"internal: {type(error).__name__}"
                return await self._refuse(InternalFault(reason), id_, who, source)
            response.headers["x-gateway-event"] = id_
            return response

        return guarded

    def open(self, endpoint: Callable[[Request], Awaitable[Response]]) -> Any:
        """An endpoint that needs no token: its answers and refusals are not recorded either."""

        async def guarded(request: Request) -> Response:
            head = request_head(request.scope)
            try:
                guard(head, max_headers_bytes=self._max_headers_bytes)
                self._check(head.method, None, frozenset())
                return await endpoint(request)
            except Refusal as refusal:
                return refusal_response(refusal)
            except Exception as error:  # noqa: BLE001 - an answer is owed, without the error's words
                _log.error("internal_fault", **fault(error))
                return refusal_response(InternalFault(f"internal: {type(error).__name__}"))

        return guarded

    def _check(self, method: str, need: str | None, roles: frozenset[str]) -> None:
        if method != "GET":
            raise MethodNotAllowed("control endpoints are only read")
        if need is not None and need not in self._active().policy.control_of(roles):
            raise PolicyDenied(f"no role of the caller grants {need}")

    async def _read(self, caller: Caller, path: str) -> str:
        """Records a read; gives the id under which it can be found."""
        record = Record(
            stage="control.read",
            request=caller.request,
            tenant=caller.principal.tenant,
            actor=caller.actor,
            source=caller.source,
            decision="allow",
            detail={"path": path},
        )
        return await self._journal.repeatable(record) or caller.request

    async def _refuse(
        self, refusal: Refusal, id_: str, who: Actor | None, source: Source
    ) -> Response:
        record = Record(
            stage="outcome",
            request=id_,
            actor=who,
            source=source,
            route="control",
            decision="deny",
            status=refusal.status,
            error=f"{refusal.code}: {refusal.reason}",
        )
        try:
            id_ = await self._journal.repeatable(record) or id_
        except AuditUnavailable as unavailable:
            refusal = unavailable
        return refusal_response(refusal, id_)


def refusal_response(refusal: Refusal, id_: str | None = None) -> Response:
    """A refusal as JSON, with the event's id where it was recorded."""
    headers = {"x-gateway-decision": "deny"}
    if isinstance(refusal, MethodNotAllowed):
        headers["allow"] = "GET"  # RFC 9110 §15.5.6
    if id_ is not None:
        headers["x-gateway-event"] = id_
    if refusal.status == 401:
        headers["www-authenticate"] = "Bearer"
    if refusal.code in DISTRUSTED:
        headers["connection"] = "close"
    body = {"error": {"code": refusal.code, "message": refusal.message, "type": refusal.code}}
    return JSONResponse(body, refusal.status, headers)
