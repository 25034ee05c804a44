"""Forwarding a request and guarding its answer, whole or streamed.

The upstream hears our own serialisation of exactly what was scanned. The client hears the outcome
only when it is recorded: a whole answer is sent after its record, the last event of a stream too.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Final

import structlog

from gateway.errors import BadRequest, InternalFault, Refusal, UpstreamError, UpstreamTimeout
from gateway.ingress.body import ClientDisconnected
from gateway.ingress.strict_json import dumps, dumps_long, loads
from gateway.scan.patience import patience
from gateway.scan.rewriting import REDACTING
from gateway.steps.consulting import consult
from gateway.steps.copying import with_copies
from gateway.steps.delay_line import DelayLine
from gateway.steps.echoes import marked, turned_back, without_echoes
from gateway.steps.faults import fault
from gateway.steps.inspection import Beside, inspect
from gateway.steps.off_loop import off_loop
from gateway.steps.responding import send_body, start_stream
from gateway.steps.shadowing import Shadows, scan_notes
from gateway.terms import Action
from gateway.upstream.headers import answer_headers, request_headers
from gateway.wire.exchange import Usage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from gateway.policy.decide import Decision
    from gateway.scan.pseudonyms import Pseudonyms
    from gateway.settings import LimitSettings
    from gateway.steps.call import Call
    from gateway.steps.consulting import Consultants
    from gateway.steps.journal import Journal, Recording
    from gateway.steps.outgoing import Outgoing
    from gateway.steps.tally import Inspection
    from gateway.upstream.table import Upstream
    from gateway.upstream.transport import Transport, UpstreamAnswer
    from gateway.wire.exchange import Answer, Format, StreamEvent

__all__ = ["INLINE_BYTES", "Errand", "forward"]

INLINE_BYTES: Final = 32 * 2**10
"""Bodies above this size are parsed in a thread, so that other requests go on meanwhile."""

_log = structlog.get_logger("gateway.answering")

_JSON: Final = "application/json"
_AFTERMATH_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True)
class Errand:
    """A request that may go out: everything the earlier steps decided."""

    call: Call
    wire: Format
    stream: bool
    decision: Decision
    upstream: Upstream
    outgoing: Outgoing
    consultants: Consultants = field(default_factory=dict)


async def forward(
    errand: Errand, intent: Recording, transport: Transport, journal: Journal, limits: LimitSettings
) -> None:
    """Sends the request to its upstream and the guarded answer to the client.

    The request is made ready while the intent is on its way to the disk; nothing of it leaves, and
    no connection is asked for, before that is there.

    Raises:
        UpstreamError: No valid answer came, and nothing was sent to the client yet.
        UpstreamTimeout: It did not come in time, and nothing was sent to the client yet.
        AuditUnavailable: The intent could not be recorded, and nothing was sent to the upstream;
            or the outcome, and nothing was sent to the client.
    """
    call = errand.call
    accept = errand.wire.stream_type if errand.stream else _JSON
    own = call.holding.own if call.holding is not None else None
    headers = request_headers(call.head.headers, accept=accept, own=own)
    path = _path(call)
    body = errand.outgoing.spell()

    async def recorded() -> None:
        await intent.durable()
        if not call.clock.sent:
            call.clock.sent = time.perf_counter()
            deadline.reschedule(asyncio.get_running_loop().time() + limits.upstream_timeout)

    try:
        async with (
            asyncio.timeout(None) as deadline,
            transport.send(errand.upstream, "POST", path, headers, body, ready=recorded) as answer,
        ):
            call.clock.first_byte = time.perf_counter()
            call.status = answer.status
            call.unused = answer.status >= 400
            if errand.stream and answer.status < 400:
                # A stream may go on for longer; silence in it is still bounded.
                deadline.reschedule(None)
                await _Streamed(errand, answer, journal, limits.answer).run()
            else:
                raw = await answer.read(limits.answer)
                call.clock.answered = time.perf_counter()
                deadline.reschedule(None)
                await _whole(errand, answer, raw, journal)
    except TimeoutError:
        raise UpstreamTimeout("no whole answer within limits.upstream_timeout") from None
    except (UpstreamError, UpstreamTimeout) as error:
        call.unused = call.unused or not error.heard
        raise


def _path(call: Call) -> str:
    query = call.head.query.decode("ascii")
    return call.head.raw_path.decode("ascii") + (f"?{query}" if query else "")


async def _whole(errand: Errand, answer: UpstreamAnswer, raw: bytes, journal: Journal) -> None:
    call = errand.call
    long = len(raw) > INLINE_BYTES
    read = (
        await asyncio.to_thread(_read, errand, answer, raw) if long else _read(errand, answer, raw)
    )
    call.answer = raw.decode("utf-8", "replace")
    call.usage, call.complete = read.usage, True
    pseudonyms = _pseudonyms(call)
    words = pseudonyms.inward if pseudonyms else REDACTING
    engine, decision = call.active.engine, errand.decision
    texts, echoed = without_echoes(read.texts, errand.outgoing.echoes)
    consulted = await consult(engine, errand.consultants, decision, texts)
    shadows = Shadows(engine, decision, texts, words)
    inspection = await inspect(engine, decision, texts, words, Beside(consulted, shadows))
    if call.copying is not None:
        inspection = await asyncio.to_thread(with_copies, inspection, call.copying, texts)
    call.answered = inspection
    call.shadow += shadows.notes(inspection)
    back = await turned_back(engine, decision.scanners, echoed, words)
    if back:
        inspection = replace(inspection, replacements={**inspection.replacements, **back})
    await _keep(call, read.held_as, read.parts)
    out = _guarded(errand, answer.status, read, inspection, raw)
    await journal.outcome(call)
    await send_body(call, answer.status, answer_headers(answer.headers, _JSON), out)


def _read(errand: Errand, answer: UpstreamAnswer, raw: bytes) -> Answer:
    if answer.content_type != _JSON:
        raise UpstreamError(f"status {answer.status} with a content type other than JSON")
    try:
        # Vectors are millions of numbers; limits.answer bounds them.
        body = loads(raw, max_values=inf)
    except BadRequest as error:
        raise UpstreamError(f"status {answer.status}, not strict JSON: {error.reason}") from None
    return errand.wire.read_answer(body)


def _guarded(
    errand: Errand, status: int, answer: Answer, inspection: Inspection, raw: bytes
) -> bytes:
    """What the client gets: the very bytes where nothing changed."""
    if inspection.action is Action.BLOCK:
        if status >= 400:
            blocked = inspection.refusal()
            request = errand.call.request
            return dumps(errand.wire.error(status, blocked.code, blocked.default, request))
        return dumps(errand.wire.withhold(answer.body))
    if inspection.replacements:
        rewritten = errand.wire.rewrite_answer(answer.body, inspection.replacements)
        return bytes(dumps_long(rewritten, inspection.later))
    return raw


class _Streamed:
    """One streamed answer on its way to the client."""

    def __init__(self, errand: Errand, answer: UpstreamAnswer, journal: Journal, most: int) -> None:
        self._errand = errand
        self._most = most
        self._size = 0
        # Bytes that came and may be in no event yet, at the most.
        self._unread = 0
        self._call = errand.call
        self._answer = answer
        self._journal = journal
        self._reader = errand.wire.stream_reader()
        self._line = DelayLine(
            self._reader,
            errand.call.active.engine,
            errand.decision,
            _pseudonyms(errand.call),
            errand.call.copying,
        )
        self._held_as: str | None = None
        self._parts: tuple[str, ...] = ()
        # How many events had come by when, as long as one of them waits; and since when one does.
        self._came: deque[tuple[int, float]] = deque()
        self._since: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        if self._answer.content_type != self._errand.wire.stream_type:
            raise UpstreamError("a stream was asked for, and the answer is none")
        chunks = self._answer.chunks()
        try:
            await self._pass_on_in_time(chunks)
            tail = self._tail()
        except (UpstreamError, UpstreamTimeout) as error:
            if not self._call.started_answer:
                raise
            tail = self._failed(error)
        except (ClientDisconnected, OSError):
            raise
        except Exception as error:
            if not self._call.started_answer:
                raise
            # A fault of ours: the client is owed an end, and the log a record of it.
            _log.error("internal_fault", request=self._call.request, **fault(error))
            tail = self._failed(InternalFault(f"internal: {type(error).__name__}"))
        if self._line.blocked:
            await self._answer.close()
        await self._end(tail)
        if self._line.final is not None and not self._line.blocked:
            await _drain(chunks)

    def _failed(self, refusal: Refusal) -> bytes:
        self._call.error = f"{refusal.code}: {refusal.reason}"
        return self._reader.error(refusal.code, refusal.message)

    async def _pass_on_in_time(self, chunks: Any) -> None:
        """Passes events on; blocks where one of them has waited too long for a decision."""
        try:
            async with asyncio.timeout(None) as self._patience:
                await self._pass_on(chunks)
        except TimeoutError:
            if not self._patience.expired():
                raise
            self._line.give_up()
        finally:
            if self._timer is not None:
                self._timer.cancel()

    def _wait(self) -> None:
        """Lets the time run that the oldest held event may still wait, from when it came."""
        line, came = self._line, self._came
        left = line.taken - line.waiting
        if line.waiting and (not came or came[-1][0] < line.taken):
            came.append((line.taken, asyncio.get_running_loop().time()))
        while came and came[0][0] <= left:
            came.popleft()
        since = came[0][1] if came else None
        if since != self._since:
            self._since = since
            if self._patience.when() is not None:
                # It had run out for one that has just left.
                self._patience.reschedule(None)
            if self._timer is None:
                self._look()

    def _look(self) -> None:
        """Ends what waits too long, or looks again when it would: an event sets no timer."""
        self._timer = None
        if self._since is None:
            return
        loop, seconds = asyncio.get_running_loop(), self._errand.decision.hold_back.seconds
        due = self._since + seconds
        if due <= loop.time():
            self._patience.reschedule(due)
        else:
            self._timer = loop.call_at(due, self._look)

    async def _pass_on(self, chunks: Any) -> None:
        async for chunk in chunks:
            self._count(chunk)
            events = await self._read(chunk)
            if not self._call.started_answer:
                kind = self._errand.wire.stream_type
                headers = answer_headers(self._answer.headers, kind)
                await start_stream(self._call, self._answer.status, headers)
            await self._send(events)
            self._wait()
            if self._line.blocked or self._line.final is not None:
                return
        await self._send(self._reader.finish())

    async def _read(self, chunk: bytes) -> Sequence[StreamEvent]:
        """What is complete with this chunk, parsed off the event loop where that may take long."""
        size = self._unread + len(chunk)
        if size <= INLINE_BYTES:
            events = self._reader.feed(chunk)
        else:
            events = await off_loop(partial(self._reader.feed, chunk))
        self._unread = len(chunk) if events else size
        return events

    def _count(self, chunk: bytes) -> None:
        """The whole answer is kept for the record, so that one without end has to have one."""
        self._size += len(chunk)
        if self._size > self._most:
            raise UpstreamError(f"the stream is larger than {self._most} bytes")

    async def _send(self, events: Sequence[StreamEvent]) -> None:
        self._note(events)
        if self._errand.outgoing.echoes:
            events = marked(events, self._errand.outgoing.echoes)
        if self._errand.outgoing.counting:
            events = [event for event in events if not event.counts_only]
        if self._line.is_long(events):
            out = await off_loop(partial(self._push_long, events))
        else:
            out = self._line.push(events)
        if out:
            await self._call.send({"type": "http.response.body", "body": out, "more_body": True})

    def _push_long(self, events: Sequence[StreamEvent]) -> bytes:
        with patience(self._call.active.engine.patience):
            return self._line.push(events)

    def _note(self, events: Sequence[StreamEvent]) -> None:
        for event in events:
            if event.usage is not None:
                self._call.usage = _merged(self._call.usage, event.usage)
            self._held_as = event.held_as or self._held_as
            self._parts = event.parts or self._parts
            if event.failed:
                self._call.error = "upstream_error: the upstream ended its stream with an error"

    def _tail(self) -> bytes:
        if self._line.blocked:
            return self._reader.stop()
        if self._line.final is None:
            raise UpstreamError("the stream ended before its last event")
        return self._line.final

    async def _end(self, tail: bytes) -> None:
        call = self._call
        call.clock.answered = time.perf_counter()
        call.complete = self._line.final is not None and call.error is None
        call.answered = self._line.inspection()
        call.answer = self._line.texts()
        await self._shadow(call)
        await _keep(call, self._held_as, self._parts)
        try:
            await self._journal.outcome(call)
        except Refusal as refusal:
            tail = self._reader.error(refusal.code, refusal.message)
        await call.send({"type": "http.response.body", "body": tail, "more_body": False})

    async def _shadow(self, call: Call) -> None:
        """Notes what overrides in shadow mode would have made of the answer."""
        decision = self._errand.decision
        if decision.shadow_scans and call.answered is not None:
            engine, pseudonyms = call.active.engine, _pseudonyms(call)
            words = pseudonyms.inward if pseudonyms else REDACTING
            texts = self._line.answer()
            call.shadow += await scan_notes(engine, decision, texts, call.answered, words)


def _pseudonyms(call: Call) -> Pseudonyms | None:
    return call.conversation.pseudonyms if call.conversation is not None else None


async def _keep(call: Call, held_as: str | None, parts: Sequence[str]) -> None:
    if call.holding is not None and not call.unused:
        await call.holding.keep(held_as, parts)
    if call.conversation is not None:
        await call.conversation.keep(held_as)


async def _drain(chunks: Any) -> None:
    """Reads what follows the last event, usually nothing, so that the connection can be reused."""
    with suppress(TimeoutError, UpstreamError, UpstreamTimeout):
        async with asyncio.timeout(_AFTERMATH_SECONDS):
            async for _ in chunks:
                return


def _merged(earlier: Usage | None, later: Usage) -> Usage:
    if earlier is None:
        return later
    return Usage(
        earlier.input_tokens if later.input_tokens is None else later.input_tokens,
        earlier.output_tokens if later.output_tokens is None else later.output_tokens,
    )
