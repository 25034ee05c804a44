"""The composition root: settings become an ASGI application that starts, serves and stops."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import structlog

from gateway import __version__, heap
from gateway.audit.keeper import Keeper, Retention, Telling
from gateway.audit.ordering import start_sequencer
from gateway.audit.pruning import Periods
from gateway.audit.record import PolicyNote, Record
from gateway.audit.writer import AuditLog
from gateway.consult.opening import open_consultants
from gateway.control.application import Control, ControlRooms
from gateway.errors import AuditUnavailable, ConfigurationError
from gateway.identity.identify import Identity
from gateway.ingress.proxies import Proxies
from gateway.key_files import random_key, read_random_key
from gateway.limits.opening import open_limiter
from gateway.logs import configure_logs
from gateway.pipeline import Pipeline, Rooms
from gateway.policy.watch import Loaded, PolicyStore, Refused
from gateway.relay.relay import Relay
from gateway.server import settle_memory
from gateway.settings import AuditSettings, Settings, load_settings
from gateway.state.opening import open_state
from gateway.state.vault import Vault
from gateway.steps.activation import Active, activate, signed_of
from gateway.steps.conversing import Conversations
from gateway.steps.faults import fault
from gateway.steps.holding import Holdings
from gateway.steps.journal import Journal
from gateway.steps.metrics import Metrics
from gateway.steps.models import ModelList
from gateway.steps.own_routes import models_of, own_routes
from gateway.upstream.table import UpstreamTable
from gateway.upstream.transport import Transport
from gateway.wire.formats import Router

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.audit.publishing import Publisher
    from gateway.audit.record import Stage
    from gateway.audit.sequencer import Sequencer
    from gateway.errors import Place
    from gateway.relay.sinks.runner import Runner
    from gateway.settings import PseudonymSettings
    from gateway.state.state import State
    from gateway.steps.call import Receive, Send

__all__ = ["CONFIG_VARIABLE", "Gateway", "create"]

CONFIG_VARIABLE: Final = "GATEWAY_CONFIG"
"""The environment variable by which worker processes find the settings file."""

_log = structlog.get_logger("gateway")
_CONTROL: Final = b"/gateway/"
_LAST_WORDS: Final = 2.0
"""Seconds for what is recorded at the end; what the log has by then is written all the same."""
_LAST_CHECKPOINT: Final = 10.0
"""Seconds for signing the last records at the end; another gateway signs them otherwise."""
_LAST_RECORDS: Final = 3.0
"""Seconds for sending them to sinks; what is not sent then is sent at the next start."""
_SILENT: Final = 0.5
"""Seconds for either where the store was silent before."""


class Gateway:
    """The whole gateway as one ASGI application.

    Making it loads and checks everything that can be wrong before a port opens.

    Raises:
        ConfigurationError: A key, the policy, one of its tests or the audit store is unusable.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._metrics = Metrics()
        self._routes = own_routes(settings)
        own = models_of(self._routes)
        self._store: PolicyStore[Active] = PolicyStore(
            settings.policy.path, partial(_activated, settings, own)
        )
        self._active().engine.forget()
        self._state = open_state(settings.state, settings.limits.state_timeout)
        self._conversations, self._holdings = _remembering(settings.pseudonyms, self._state)
        self._consultants = open_consultants(settings.models, _places(settings))
        self._limiter = open_limiter(settings.state, settings.limits.state_timeout)
        self._proxies = Proxies(settings.listen.trusted_proxies)
        self._identity = Identity(settings.identity, proxies=self._proxies, state=self._state)
        self._upstreams = UpstreamTable(settings.upstreams)
        self._keeper: Keeper | None = None
        self._sequencer: Sequencer | None = None
        self._relay: Relay | None = None
        self._log = self._open_log(settings.audit)
        self._journal = Journal(self._log, self._metrics)
        self._tasks: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Serves one connection's request, or the server's start and stop."""
        if scope["type"] == "http":
            app = self._control if scope["raw_path"].startswith(_CONTROL) else self._pipeline
            await app(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)

    async def start(self) -> None:
        """Opens connections and begins to follow the policy files."""
        settings = self._settings
        await self._identity.start()
        self._transport = Transport(
            connect_timeout=settings.limits.upstream_connect,
            read_timeout=settings.limits.upstream_timeout,
        )
        rooms = Rooms(
            active=self._active,
            router=Router(self._routes),
            identity=self._identity,
            upstreams=self._upstreams,
            transport=self._transport,
            models=ModelList(settings.upstreams, self._upstreams, self._transport, self._routes),
            journal=self._journal,
            limiter=self._limiter,
            conversations=self._conversations,
            holdings=self._holdings,
            consultants=self._consultants,
            limits=settings.limits,
            metrics=self._metrics,
            proxies=self._proxies,
        )
        self._pipeline = Pipeline(rooms)
        self._control = Control(
            ControlRooms(
                store=self._store,
                identity=self._identity,
                journal=self._journal,
                metrics=self._metrics,
                log=self._log,
                settings=settings,
                parts={
                    "audit": self._audit_problem,
                    "audit_tree": self._tree_problem,
                    "identity": self._identity.problem,
                },
            )
        )
        self._sequencer = self._order(settings.audit)
        self._keeper = self._keep(settings.audit)
        await self._record("gateway.start", detail={"version": __version__})
        await self._record("policy.loaded")
        self._tasks.append(asyncio.create_task(self._watch(), name="policy-watch"))
        self._warn(self._active())
        _log.info("gateway_started", version=__version__, policy=self._active().policy.digest)

    async def stop(self) -> None:
        """Ends everything that ``start`` began; records that are queued are written."""
        if self._keeper is not None:
            # It is waited for at the end: a store that is silent takes everybody's time at once.
            self._keeper.end()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._say_last_words()
        # Whoever reads a store that is silent does not hold up whoever writes it.
        closing = asyncio.create_task(self._control.close(), name="control-close")
        await self._identity.close()
        await self._limiter.close()
        for consultant in self._consultants.values():
            await consultant.close()
        await self._state.close()
        await self._transport.close()
        written = self._log is None or await self._log.close()
        if self._sequencer is not None:
            await asyncio.to_thread(self._sequencer.stop, _LAST_CHECKPOINT if written else _SILENT)
        if self._relay is not None:
            await asyncio.to_thread(self._relay.stop, _LAST_RECORDS if written else _SILENT)
        if self._keeper is not None:
            await asyncio.to_thread(self._keeper.close)
        await closing
        _log.info("gateway_stopped")

    async def _say_last_words(self) -> None:
        with suppress(Exception):
            async with asyncio.timeout(_LAST_WORDS):
                with suppress(AuditUnavailable):
                    await self._journal.close()
                await self._record("gateway.stop")

    def _active(self) -> Active:
        return self._store.current

    def _open_log(self, settings: AuditSettings | str) -> AuditLog | None:
        if isinstance(settings, AuditSettings):
            log = AuditLog.open(settings, on_incident=self._incident)
            log.on_problem = _tell_problem
            self._relay = Relay(self._settings, settings, self._tree_incident)
            self._metrics.audit_dropped.set_function(lambda: log.dropped)
            return log
        _log.warning("audit_off", advice="nothing of what happens is recorded")
        return None

    def _order(self, settings: AuditSettings | str) -> Sequencer | None:
        log, relay = self._log, self._relay
        if log is None or relay is None or not isinstance(settings, AuditSettings):
            return None
        sequencer = start_sequencer(settings, log, relay.anchor, self._tree_incident)
        self._metrics.audit_tree_size.set_function(lambda: sequencer.size)
        self._metrics.audit_checkpoint_age.set_function(lambda: sequencer.age)
        self._metrics.audit_leads.set_function(lambda: sequencer.leads)
        for runner in relay.runners:
            self._count(runner)
        relay.start(sequencer, log)
        for name, publisher in relay.publishers.items():
            failing = self._metrics.audit_outside_failing.labels(name)
            failing.set_function(partial(_is_failing, publisher))
        return sequencer

    def _keep(self, settings: AuditSettings | str) -> Keeper | None:
        log, sequencer = self._log, self._sequencer
        if log is None or sequencer is None or not isinstance(settings, AuditSettings):
            return None
        loop, kept = asyncio.get_running_loop(), settings.retention

        def record(record: Record) -> None:
            asyncio.run_coroutine_threadsafe(log.append(record), loop).result()

        retention = Retention(
            Periods(kept.sealed, kept.headers, kept.proofs), record, lambda: sequencer.leads
        )
        telling = Telling(self._keeper_incident, _tell_kept)
        keeper = Keeper(settings.store, settings.deadline, retention, telling)
        keeper.start()
        return keeper

    def _count(self, runner: Runner) -> None:
        """Counts what a sink gets."""
        metrics = self._metrics
        metrics.audit_sink_lag.labels(runner.name).set_function(lambda: runner.lag)
        runner.on_delivered = metrics.audit_sink_records.labels(runner.name).inc
        runner.on_failure = metrics.audit_sink_failures.labels(runner.name).inc

    def _keeper_incident(self, sentence: str) -> None:
        self._metrics.audit_incidents.inc()
        _log.error("audit_not_kept", detail=sentence)

    def _tree_incident(self, sentence: str) -> None:
        self._metrics.audit_incidents.inc()
        _log.error("audit_tree_broken", detail=sentence)

    def _incident(self, sentence: str) -> None:
        self._metrics.audit_incidents.inc()
        _log.error("audit_store_lost", detail=sentence)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.start()
        except Exception as error:  # noqa: BLE001 - the server wants to hear of it in its own way
            # Problems are words of our own about files; other exceptions may quote anything.
            wrong = error.problems if isinstance(error, ConfigurationError) else ()
            _log.error("start_failed", problems=[str(one) for one in wrong], **fault(error))
            await send({"type": "lifespan.startup.failed", "message": "see the log above"})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _watch(self) -> None:
        while True:
            try:
                await self._store.watch(self._changed)
            except Exception as error:  # noqa: BLE001 - policy changes must go on being seen
                _log.error("policy_watch_failed", **fault(error))
                await asyncio.sleep(1)

    async def _changed(self, change: Loaded[Active] | Refused) -> None:
        if isinstance(change, Refused):
            self._metrics.policy_loads.labels("refused").inc()
            _log.error("policy_refused", problems=[str(problem) for problem in change.problems])
            detail = {"digest": change.digest, "problems": [str(one) for one in change.problems]}
            await self._record("policy.refused", detail=detail)
        else:
            self._metrics.policy_loads.labels("loaded").inc()
            _log.info("policy_loaded", digest=change.value.policy.digest)
            self._warn(change.value)
            await self._record("policy.loaded")

    def _warn(self, active: Active) -> None:
        for problem in active.policy.warnings:
            _log.warning("policy_warning", problem=str(problem))

    async def _record(self, stage: Stage, detail: dict[str, Any] | None = None) -> None:
        policy = self._active().policy
        note = PolicyNote(policy.revision, policy.digest)
        await self._journal.control(Record(stage=stage, policy=note, detail=detail))

    def _audit_problem(self) -> str | None:
        return self._log.problem if self._log is not None else None

    def _tree_problem(self) -> str | None:
        return self._sequencer.problem if self._sequencer is not None else None


def _tell_problem(problem: str | None) -> None:
    """Says once why requests are refused, and once that they are not any more."""
    if problem is None:
        _log.info("audit_available")
    else:
        _log.error("audit_unavailable", detail=problem)


def _tell_kept(sentence: str) -> None:
    _log.info("audit_kept_again", detail=sentence)


def _is_failing(publisher: Publisher) -> bool:
    return publisher.problem is not None


def _activated(settings: Settings, own: Mapping[str, str]) -> Active:
    active = activate(
        [settings.policy.path], signed_of(settings.policy), own=own, models=settings.models
    )
    active.engine.patience = settings.limits.scan_time
    return active


def _places(settings: Settings) -> dict[str, Place]:
    return {name: settings.place("models", name) for name in settings.models}


def _remembering(settings: PseudonymSettings, state: State) -> tuple[Conversations, Holdings]:
    path = settings.key_file
    key = random_key() if path is None else read_random_key(path)
    vault = Vault(state, key)
    return Conversations(key, vault, settings.ttl), Holdings(key, vault, settings.ttl)


def create() -> Gateway:
    """The application of a worker process; ``GATEWAY_CONFIG`` names its settings."""
    heap.spare()
    configure_logs()
    gateway = Gateway(load_settings(Path(os.environ[CONFIG_VARIABLE])))
    settle_memory()
    return gateway
