"""Audit records of a call: the intent before anything leaves, the outcome whatever happened."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from gateway.audit.plaintext import spell
from gateway.audit.record import (
    Actor,
    Coverage,
    FindingNote,
    PolicyNote,
    Record,
    Source,
    Timing,
    TokenUsage,
)
from gateway.errors import AuditUnavailable
from gateway.steps.coalescing import Coalescer
from gateway.steps.indexed_values import values_of
from gateway.steps.off_loop import off_loop_to_its_end
from gateway.steps.packed_body import PackedBody

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from gateway.audit.blind import Value
    from gateway.audit.record import Stage
    from gateway.audit.writer import AuditLog
    from gateway.steps.call import Call
    from gateway.steps.metrics import Metrics
    from gateway.steps.tally import Inspection
    from gateway.terms import Principal

__all__ = ["Journal", "Recording", "actor", "header_value"]

_ALIKE_BYTES: Final = 2**16
"""Refused requests with more than this are never taken for repeats."""
_LONG_BYTES: Final = 2**18
"""What is sealed and longer than this is spelt in a thread: a millisecond and more, up to a fifth
of a second where a body of 10 MiB is unpacked for it."""


class Recording:
    """A record on its way to the disk."""

    __slots__ = ("_durable", "_metrics")

    def __init__(self, durable: Awaitable[None] | None, metrics: Metrics) -> None:
        self._durable, self._metrics = durable, metrics

    async def durable(self) -> None:
        """Waits until it is there, where the log is strict; may be asked more than once.

        Raises:
            AuditUnavailable: The record is not durable.
        """
        if self._durable is None:
            return
        try:
            await self._durable
        except AuditUnavailable:
            self._metrics.audit_failures.inc()
            raise


class Journal:
    """Writes the records of calls; ``log`` is None only where the settings say ``audit: off``."""

    def __init__(self, log: AuditLog | None, metrics: Metrics) -> None:
        self._log = log
        self._metrics = metrics
        self._coalescer = Coalescer(lambda record: self._append(record, None))

    async def intent(self, call: Call) -> Recording:
        """Begins to record what is about to be sent to the upstream; it may be when that is done.

        Raises:
            AuditUnavailable: The record cannot be written; nothing may be sent.
        """
        if self._log is None:
            # Nothing is made of what nobody keeps.
            call.body = b""
            return Recording(None, self._metrics)
        body, record = call.body, _record(call, "intent", call.asked)
        # The record has it now: a large body is not held twice.
        call.body = b""
        if not _captures(call):
            return self._begin(record, None)
        sealed = _sealed(call, call.asked)
        work = partial(_with_prompt, sealed, body, own=True)
        return await self._begin_spelt(record, work, len(body), values_of(call.asked))

    async def outcome(self, call: Call) -> None:
        """Records how a call ended, once. Goes on when the caller is cancelled meanwhile.

        A refusal that only repeats others is counted; the call's id is then that of the first.

        Raises:
            AuditUnavailable: The record is not durable; the answer may not be completed.
        """
        if call.concluded:
            # The client left while its complete answer was on its way: that changes nothing.
            return
        call.concluded = True
        self._count(call)
        if self._log is None:
            return
        shown = call.answered if call.answered is not None else call.asked
        record = _record(call, "outcome", shown)
        if self._repeats(call, record):
            return
        try:
            # The log writes what it has taken, also when its caller is cancelled meanwhile.
            await (await self._concluding(call, record, shown)).durable()
        except AuditUnavailable:
            call.concluded = False
            raise

    async def _concluding(self, call: Call, record: Record, shown: Inspection | None) -> Recording:
        if not _captures(call):
            return self._begin(record, None)
        sealed, values = _sealed(call, shown), values_of(shown)
        if call.clock.sent:
            sealed["answer"] = call.answer
            work = partial(spell, sealed)
            return await self._begin_spelt(record, work, _length(call.answer), values)
        if not call.body:
            return self._begin(record, sealed, values)
        # A copy: where this record cannot be written, another one may have to say it.
        call.let_go()
        work = partial(_with_prompt, sealed, call.body, own=False)
        return await self._begin_spelt(record, work, len(call.body), values)

    async def control(self, record: Record) -> None:
        """Records an event that is not a call.

        Raises:
            AuditUnavailable: The record is not durable.
        """
        await self._append(record, None)

    async def repeatable(self, record: Record) -> str | None:
        """Records an event that may come again and again, such as a refusal or a read.

        Returns:
            The ``request`` under which it can be found.

        Raises:
            AuditUnavailable: The record is not durable.
        """
        first = self._coalescer.repeats(record) if self._healthy else None
        if first is None:
            await self._append(record, None)
        return first or record.request

    async def close(self) -> None:
        """Writes what was only counted so far.

        Raises:
            AuditUnavailable: It could not be written.
        """
        await self._coalescer.close()

    @property
    def _healthy(self) -> bool:
        """Whether the log works: where it does not, a repeat is refused as everything is."""
        return self._log is not None and self._log.healthy

    def _repeats(self, call: Call, record: Record) -> bool:
        """Whether a call was refused, unread, as others just like it; then it is counted."""
        unread = call.asked is None and record.decision == "deny"
        if not unread or len(call.body) > _ALIKE_BYTES or not self._healthy:
            return False
        first = self._coalescer.repeats(record, *_content(call))
        if first is None:
            return False
        call.request = first
        return True

    async def _append(
        self,
        record: Record,
        sealed: Mapping[str, Any] | bytes | bytearray | None,
        values: tuple[Value, ...] = (),
    ) -> None:
        await self._begin(record, sealed, values).durable()

    def _begin(
        self,
        record: Record,
        sealed: Mapping[str, Any] | bytes | bytearray | None,
        values: tuple[Value, ...] = (),
    ) -> Recording:
        durable = None
        if self._log is not None:
            try:
                durable = self._log.submit(record, sealed, values)
            except AuditUnavailable:
                self._metrics.audit_failures.inc()
                raise
        return Recording(durable, self._metrics)

    async def _begin_spelt(
        self,
        record: Record,
        work: Callable[[], bytes | bytearray],
        length: int,
        values: tuple[Value, ...],
    ) -> Recording:
        """Begins to write a record once its sealed part, this long or longer, is spelt.

        Who is cancelled meanwhile is cancelled when the log has the record. Where it cannot be
        written, that is what is raised: nobody may take the call for recorded.
        """
        cancelled = None
        try:
            if length <= _LONG_BYTES:
                plaintext = work()
            else:
                plaintext, cancelled = await off_loop_to_its_end(work)
        except AuditUnavailable:
            self._metrics.audit_failures.inc()
            raise
        recording = self._begin(record, plaintext, values)
        if cancelled is not None:
            raise cancelled
        return recording

    def _count(self, call: Call) -> None:
        metrics = self._metrics
        route = call.route.name if call.route else "none"
        metrics.requests.labels(route, call.decision_word, str(call.status)).inc()
        metrics.overhead.observe(call.clock.gateway_ms() / 1e3)
        for inspection in (call.asked, call.answered):
            for note in inspection.findings if inspection else ():
                label = metrics.findings.labels(note.scanner, note.entity, note.action)
                label.inc(note.count)


def actor(principal: Principal | None, roles: frozenset[str]) -> Actor | None:
    """Who called, for a record; ``roles`` are the policy's."""
    if principal is None:
        return None
    return Actor(principal.subject, principal.issuer, tuple(sorted(roles)), principal.actors)


def header_value(headers: tuple[tuple[bytes, bytes], ...], wanted: bytes) -> str | None:
    """The first value of a header, for a record."""
    return next((value.decode("latin-1") for name, value in headers if name == wanted), None)


def _captures(call: Call) -> bool:
    return call.decision is not None and call.decision.capture == "sealed"


def _with_prompt(
    sealed: dict[str, Any], body: bytes | bytearray | PackedBody, *, own: bool
) -> bytes | bytearray:
    """What is sealed with a request; its body is used up where that is the record's ``own``."""
    if isinstance(body, PackedBody):
        body = body.used_up() if own else body.unpacked()
    elif not own:
        body = bytearray(body)
    return spell({**sealed, "prompt": body})


def _length(answer: str | Mapping[str, str] | None) -> int:
    """Characters of an answer."""
    if answer is None or isinstance(answer, str):
        return len(answer or "")
    return sum(map(len, answer.values()))


def _content(call: Call) -> Sequence[bytes | bytearray]:
    """What tells a request from others of the same caller: its claims and its body."""
    claims = dict(call.principal.claims) if call.principal else None
    # Only short bodies are asked about, and those are never packed.
    body = b"" if isinstance(call.body, PackedBody) else call.body
    return repr(claims).encode(), b"\x00", body


def _sealed(call: Call, inspection: Inspection | None) -> dict[str, Any]:
    sealed: dict[str, Any] = {
        "claims": dict(call.principal.claims) if call.principal else None,
        "matched": list(inspection.matched) if inspection else [],
    }
    if call.decision is not None and call.decision.changes:
        # The prompt is sealed as it came; with these it is what the upstream heard.
        sealed["changes"] = dict(call.decision.changes)
    return sealed


def _record(call: Call, stage: Stage, inspection: Inspection | None) -> Record:
    exchange, decision, policy = call.exchange, call.decision, call.active.policy
    outcome = stage == "outcome"
    findings: tuple[FindingNote, ...] = inspection.findings if inspection else ()
    coverage: Coverage | None = inspection.coverage if inspection else None
    return Record(
        stage=stage,
        request=call.request,
        tenant=call.principal.tenant if call.principal else None,
        actor=actor(call.principal, call.roles),
        source=Source(call.client, header_value(call.head.headers, b"user-agent")),
        route=call.route.name if call.route else None,
        format=call.route.format.name if call.route else None,
        upstream=call.upstream.name if call.upstream else None,
        model=exchange.model if exchange else None,
        stream=exchange.stream if exchange else None,
        decision=call.decision_word,
        rules=(*decision.rules, *decision.exceptions) if decision else (),
        findings=findings,
        coverage=coverage,
        usage=_usage(call),
        status=call.status if outcome else None,
        error=call.error,
        timing=_timing(call) if outcome else None,
        policy=PolicyNote(policy.revision, policy.digest),
        shadow=call.shadow,
    )


def _usage(call: Call) -> TokenUsage | None:
    usage = call.usage
    return TokenUsage(usage.input_tokens, usage.output_tokens) if usage else None


def _timing(call: Call) -> Timing:
    clock = call.clock
    return Timing(
        round(clock.gateway_ms(), 3), round(clock.upstream_ms(), 3), round(clock.first_byte_ms(), 3)
    )
