"""The control plane: every endpoint under ``/gateway/``, and what each needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from starlette.routing import Route, Router

from gateway.audit.live import Hub
from gateway.audit.log_keys import LogKeys
from gateway.audit.reading import Reading
from gateway.audit.store.opening import open_readers
from gateway.control.access import Access, Caller
from gateway.control.audit import AuditViews
from gateway.control.health import Health
from gateway.control.tree import TreeViews
from gateway.control.views import Views
from gateway.errors import NotFound
from gateway.ingress.proxies import Proxies
from gateway.settings import AuditSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from gateway.audit.store.base import Readers
    from gateway.audit.writer import AuditLog
    from gateway.identity.identify import Identity
    from gateway.policy.watch import PolicyStore
    from gateway.settings import Settings
    from gateway.steps.activation import Active
    from gateway.steps.call import Receive, Send
    from gateway.steps.journal import Journal
    from gateway.steps.metrics import Metrics

__all__ = ["Control", "ControlRooms"]

_log = structlog.get_logger("gateway.control")


@dataclass(frozen=True, slots=True)
class ControlRooms:
    """What the control plane shows; ``parts`` are what readiness asks."""

    store: PolicyStore[Active]
    identity: Identity
    journal: Journal
    metrics: Metrics
    log: AuditLog | None
    settings: Settings
    parts: Mapping[str, Callable[[], str | None]]


class Control:
    """The control plane, as an ASGI application."""

    def __init__(self, rooms: ControlRooms) -> None:
        self._readers = _readers(rooms)
        self._reading = _reading(rooms, self._readers)
        keys = _keys(rooms)
        self._hub = _hub(rooms, self._reading, keys)
        access = Access(
            lambda: rooms.store.current,
            rooms.identity,
            rooms.journal,
            Proxies(rooms.settings.listen.trusted_proxies),
            rooms.settings.limits.headers,
        )
        health = Health(rooms.parts)
        views = Views(rooms.store, rooms.metrics)
        records = AuditViews(self._reading, self._hub, rooms.journal)
        tree = TreeViews(self._reading, records.record, keys)
        gate, own = access.behind, partial(access.behind, recorded=False)
        self._router = Router(
            [
                _route("/gateway/health/live", health.live),
                _route("/gateway/health/ready", health.ready),
                _route("/gateway/metrics", gate("metrics.read", views.metrics)),
                _route("/gateway/whoami", gate(None, views.whoami)),
                _route("/gateway/policy", gate("policy.read", views.policy)),
                _route("/gateway/audit/events", own("audit.read", records.events)),
                _route("/gateway/audit/events/{id}", own("audit.read", records.event)),
                _route("/gateway/audit/events/{id}/proof", own("audit.read", tree.proof)),
                _route("/gateway/audit/checkpoint", access.open(tree.checkpoint)),
                _route("/gateway/audit/tile/entries/{path:path}", own("audit.read", tree.entries)),
                _route("/gateway/audit/tile/{path:path}", access.open(tree.tile)),
                _route("/gateway/audit/stream", own("audit.stream", records.stream)),
            ],
            redirect_slashes=False,
            default=_route("/", gate(None, _nothing_here)).app,
        )

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answers one request."""
        await self._router(scope, receive, send)

    async def close(self) -> None:
        """Ends the live streams, and closes what reads the log."""
        if self._hub is not None:
            await self._hub.close()
        if self._reading is not None:
            self._reading.close()
        if self._readers is not None:
            self._readers.close()


def _readers(rooms: ControlRooms) -> Readers | None:
    audit = rooms.settings.audit
    if not isinstance(audit, AuditSettings):
        return None
    return open_readers(audit.store, audit.deadline / 2)


def _reading(rooms: ControlRooms, readers: Readers | None) -> Reading | None:
    audit = rooms.settings.audit
    if readers is None or not isinstance(audit, AuditSettings):
        return None
    return Reading(readers, audit.deadline / 2)


def _keys(rooms: ControlRooms) -> LogKeys | None:
    audit, metrics = rooms.settings.audit, rooms.metrics
    if not isinstance(audit, AuditSettings):
        return None

    def incident(sentence: str) -> None:
        metrics.audit_incidents.inc()
        _log.error("audit_checkpoint_false", detail=sentence)

    return LogKeys(audit.signing_key, incident)


def _hub(rooms: ControlRooms, reading: Reading | None, keys: LogKeys | None) -> Hub | None:
    if reading is None or rooms.log is None:
        return None
    hub = Hub(reading, on_incident=_not_followed, keys=keys)
    rooms.log.listeners.append(hub.wake)
    return hub


def _not_followed(sentence: str) -> None:
    _log.error("audit_not_followed", detail=sentence)


async def _nothing_here(_request: Request, _caller: Caller) -> Response:
    raise NotFound("no control endpoint has this path")


def _route(path: str, endpoint: Any) -> Route:
    """A route of any method: the gate behind it refuses the wrong ones, and records that."""
    route = Route(path, endpoint)
    route.methods = None
    return route
