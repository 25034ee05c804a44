"""Targets of every format: a request, a whole answer and a streamed one, each spoilt somehow.

Bytes that are themselves an object of JSON are tried as they stand; all others choose what is
changed in the example of the format's route.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from examples import ask, example, spoken, target_of
from spoiling import MARK, Choices, leaves, spoilt

from gateway.errors import BadRequest, PolicyDenied, UpstreamError
from gateway.ingress.strict_json import dumps, loads
from gateway.wire import data_urls
from gateway.wire.data_urls import Encoded, parse_data_url
from gateway.wire.embedded import parse_embedded
from gateway.wire.exchange import DECODED, RESPELT
from gateway.wire.proto_json import both
from gateway.wire.responses_names import CALLED
from gateway.wire.sse import KEEP_ALIVE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from gateway.terms import Provenance
    from gateway.wire.exchange import Delta, Path, StreamEvent, StreamReader, Text
    from gateway.wire.formats import Route

__all__ = ["TARGETS"]

Target = Callable[[bytes], None]

_POINTER: Final = re.compile(r"(?:^|\s)/[A-Za-z_]\w*|[Tt]he body")
_CHANGES: Final = (
    {"max_tokens": 5},
    {"temperature": 0.5},
    {"tools": ()},
    {"system_prefix": "be kind"},
    {"system": ""},
    {"n": 1},
    {"stream": False},
)
_NAMELESS: Final = frozenset(both(dict.fromkeys(("executableCode", "toolCall"))))
_TOKENS: Final = frozenset({"logprobs", "logprobsResult"})
_DROPPED: Final = _TOKENS | {"context"}


def request(route: Route, data: bytes) -> None:
    """A request is refused with the place of the fault, or all of it is read and rewritable."""
    wire, target = route.format, target_of(route)
    choose = Choices(data)
    body = _spoilt(ask(route), data, choose)
    before = copy.deepcopy(body)
    try:
        exchange = wire.read(body, target)
    except BadRequest as error:
        _check_refusal(error)
        return
    _check_read(exchange.body, exchange.texts)
    changed = wire.rewrite_request(exchange.body, _replacements(exchange.texts))
    again = wire.read(loads(dumps(changed)), target).texts
    assert _paths(again) == _paths(exchange.texts)
    _check_rewritten(exchange.texts, again)
    wire.counting_request(exchange.body)
    _check_changes(route, exchange.body, choose)
    assert body == before


def answer(route: Route, data: bytes) -> None:
    """A whole answer is refused, or all of it is read, rewritable, and nothing of it withheld."""
    wire = route.format
    body = _spoilt(example(route).answer, data, Choices(data))
    before = copy.deepcopy(body)
    try:
        found = wire.read_answer(body)
    except UpstreamError as error:
        _check_fault(error)
        return
    _check_read(body, found.texts)
    changed = wire.rewrite_answer(body, _replacements(found.texts))
    # What spells a changed text a second time is dropped.
    again = [text for text in wire.read_answer(loads(dumps(changed))).texts if text.value]
    _check_rewritten(found.texts, again)
    withheld = dumps(wire.withhold(body)).decode()
    assert MARK not in withheld
    assert body == before


def stream(route: Route, data: bytes) -> None:
    """Events are read the same in any pieces, pass as they came, and can be ended at any time."""
    choose = Choices(data)
    raw = _spoilt_stream(route, choose)
    step = 256 - choose(256)
    pieces = [raw[at : at + step] for at in range(0, len(raw), step)]
    whole, fault = _read(route, [raw])
    events, fault_in_pieces = _read(route, pieces)
    # Comments pass whatever waits.
    whole, events = ([one for one in read if one.raw != KEEP_ALIVE] for read in (whole, events))
    assert whole == events[: len(whole)]
    assert (fault is None) == (fault_in_pieces is None)
    assert fault is not None or whole == events
    read: set[str] = set()
    for event in events:
        read |= {delta.text for delta in event.deltas}
        _check_event(event, read)
    _check_ends(route, raw, choose)


def _spoilt(body: Any, data: bytes, choose: Choices) -> Any:
    if data.startswith(b"{"):
        try:
            return loads(data)
        except BadRequest:
            pass
    whole = body
    while choose:
        body = spoilt(body, choose)
    try:
        return loads(json.dumps(body).encode())
    except BadRequest:
        return whole  # what is nested too deeply reaches no format


def _check_refusal(error: BadRequest) -> None:
    assert _POINTER.search(error.message), error.message
    assert MARK not in error.reason + error.message


def _check_fault(error: UpstreamError) -> None:
    assert MARK not in error.reason + error.message


def _check_read(body: Any, texts: Sequence[Text]) -> None:
    """Every marked text was read at its place, and every text that was read stands at its own."""
    paths = {text.path for text in texts if MARK in text.value}
    for path, value in leaves(body):
        assert MARK not in value or _is_among(path, paths), path
    for text in texts:
        assert _stands(body, text.path, text.value, text.provenance), text.path


def _is_among(path: Path, read: Collection[Path]) -> bool:
    # What log probabilities spell is put together from many tokens.
    return (
        bool(read) if _TOKENS.intersection(path) else any(one[: len(path)] == path for one in read)
    )


def _stands(body: Any, path: Path, value: str, whose: Provenance) -> bool:
    """Whether a text is what stands at its path; a call without a name is told by its kind."""
    found = _found(body, path, value)
    if value in found or whose != "call":
        return value in found
    key, kind, _ = found
    return key in _NAMELESS if isinstance(kind, dict) else CALLED.get(kind) == value


def _found(body: Any, path: Path, respelt: str) -> tuple[Any, ...]:
    """What a text at a path may be: the key, the string, a number spelt out, what is encoded."""
    for at, step in enumerate(path):
        if step == RESPELT:
            return (respelt,)
        if isinstance(body, str):
            inside = _decoded(body) if step == DECODED else parse_embedded(body)
            return _found(inside, path[at + 1 :], respelt)
        body = body[step]
    return (path[-1] if path else None, body, str(body))


def _decoded(value: str) -> str:
    content = data_urls.read(parse_data_url(value) or Encoded(value))
    assert content is not None
    return content.text


def _paths(texts: Sequence[Text]) -> list[Path]:
    # What spells a changed text a second time is dropped.
    return [text.path for text in texts if not _DROPPED.intersection(text.path)]


def _replacements(texts: Sequence[Text]) -> dict[Path, str]:
    return {text.path: f"R {text.path}" for text in texts if text.rewritable}


def _check_rewritten(before: Sequence[Text], after: Sequence[Text]) -> None:
    """Read again, there is nothing but the new texts and what could not be rewritten."""
    fixed = [text.value for text in before if not text.rewritable]
    for text in after:
        # Not at its own place: one object may have become a list of one.
        new = text.value.startswith("R (")
        assert new or (not text.rewritable and text.value in fixed), text.path


def _check_changes(route: Route, body: Any, choose: Choices) -> None:
    target = target_of(route)
    try:
        changed = route.format.change_request(body, _CHANGES[choose(len(_CHANGES))])
    except PolicyDenied:
        return
    route.format.read(loads(dumps(changed)), target)


def _spoilt_stream(route: Route, choose: Choices) -> bytes:
    sent = example(route)
    pieces = sent.stream()
    for _ in range(choose(4)):
        at = choose(len(pieces) or 1)
        kind = choose(6)
        if kind == 0:
            pieces[at : at + 1] = []
        elif kind == 1:
            pieces.insert(at, pieces[choose(len(pieces))] if pieces else b"")
        elif kind == 2:
            cut = choose(1024)
            pieces[at : at + 1] = [part[:cut] for part in pieces[at : at + 1]]
        else:
            event = sent.events[choose(len(sent.events))]
            for _ in range(choose(3) + 1):
                event = spoilt(event, choose)
            pieces[at : at + 1] = sent.stream([event])[:1]
    return b"".join(pieces)


def _read(route: Route, chunks: Sequence[bytes]) -> tuple[list[StreamEvent], str | None]:
    reader = route.format.stream_reader()
    events, fault = _read_with(reader, chunks)
    if fault is None:
        try:
            events += reader.finish()
        except UpstreamError as error:
            fault = error.reason
    return events, fault


def _read_with(
    reader: StreamReader, chunks: Sequence[bytes]
) -> tuple[list[StreamEvent], str | None]:
    events: list[StreamEvent] = []
    try:
        for chunk in chunks:
            events += reader.feed(chunk)
    except UpstreamError as error:
        _check_fault(error)
        return events, error.reason
    return events, None


def _check_event(event: StreamEvent, read: set[str]) -> None:
    """As ``_check_read``; a key that comes again and again is read once."""
    paths = {delta.path for delta in event.deltas if MARK in delta.text}
    for path, value in leaves(event.data):
        again = path[-1:] == (value,) and value in read
        assert MARK not in value or again or _is_among(path, paths), path
    for delta in event.deltas:
        assert _stands(event.data, delta.path, delta.text, delta.provenance), delta.path
    if MARK.encode() in event.raw:
        assert MARK in json.dumps(event.data)


def _check_ends(route: Route, raw: bytes, choose: Choices) -> None:
    """Ended after any event, rewritten or not, what a client hears is a stream with an end."""
    until, rewritten, stops = choose(16), bool(choose(2)), bool(choose(2))
    reader = route.format.stream_reader()
    said: dict[str, str] = {}
    told = [
        _written(reader, event, said, rewritten=rewritten)
        for event in _read_with(reader, [raw])[0][:until]
    ]
    ending = reader.stop() if stops else reader.error("a_code", "a message")
    _check_told(route, told, ending, said if stops else None, rewritten=rewritten)


def _written(
    reader: StreamReader, event: StreamEvent, said: dict[str, str], *, rewritten: bool
) -> bytes:
    texts = [
        f"R {delta.path}" if rewritten and delta.rewritable else delta.text
        for delta in event.deltas
    ]
    for delta, text in zip(event.deltas, texts, strict=True):
        _say(said, delta, text)
    raw = reader.rewrite(event, texts)
    dropped = any(value in _DROPPED for _, value in leaves(event.data))
    assert rewritten or raw == event.raw or dropped
    return raw


def _check_told(
    route: Route,
    told: Sequence[bytes],
    ending: bytes,
    said: dict[str, str] | None,
    *,
    rewritten: bool,
) -> None:
    """The ending of a stream says nothing but what was said before."""
    events, fault = _read(route, [b"".join(told) + ending])
    assert fault is None, fault
    if said is None:
        return
    heard: dict[str, str] = {}
    for delta in (delta for event in events[: len(told)] for delta in event.deltas):
        _say(heard, delta, delta.text)
    # What spells a changed text a second time is dropped, with the channel that it was on.
    assert heard.items() <= said.items()
    assert rewritten or heard == said
    for delta in (delta for event in events[len(told) :] for delta in event.deltas):
        assert any(delta.text in one for one in said.values()) or not delta.rewritable


def _say(said: dict[str, str], delta: Delta, text: str) -> None:
    # What spells a changed text a second time is dropped; so may be what cannot be rewritten.
    if delta.rewritable and RESPELT not in delta.path and delta.path[0] not in _DROPPED:
        channel = delta.channel.partition("#")[0]  # behind it a number, by what came before
        said[channel] = said.get(channel, "") + text


def _target(check: Callable[[Route, bytes], None], routes: Sequence[Route]) -> Target:
    return lambda data: check(routes[data[0] % len(routes) if data else 0], data[1:])


def _targets() -> Iterator[tuple[str, Target]]:
    by_format: dict[str, list[Route]] = {}
    for route in spoken():
        by_format.setdefault(type(route.format).__name__, []).append(route)
    for name, routes in by_format.items():
        yield f"{name}-request", _target(request, routes)
        yield f"{name}-answer", _target(answer, routes)
        streamed = [route for route in routes if example(route).events]
        if streamed:
            yield f"{name}-stream", _target(stream, streamed)


TARGETS: Final = dict(_targets())
"""By the class of a format, what is tried on its routes."""
