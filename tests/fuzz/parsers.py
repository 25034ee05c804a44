"""Targets that need no format: each holds a parser against another that is obviously right."""

from __future__ import annotations

import json
import re
from typing import Final

import orjson
import pytest
from naive_json import NotStrict, same, strict
from naive_sse import dispatched

from gateway.errors import BadRequest, Unauthenticated, UpstreamError
from gateway.identity.base64url import decode, encode
from gateway.identity.jws import check_header, check_type, read_jws
from gateway.ingress.strict_json import dumps, loads
from gateway.wire.embedded import dump_embedded, parse_embedded
from gateway.wire.leaves import is_identifier
from gateway.wire.sse import EventParser, ServerEvent

__all__ = ["embedded", "jws", "sse", "strict_json"]

# Constants of ours and of orjson, a place by number or by JSON Pointer, and nothing else.
_WORDS: Final = re.compile(
    r"The request body is not valid JSON: [A-Za-z0-9 ,:'\"\[\]{}-]+(?:/(?:\*|[A-Za-z_]+|\d+))*\."
)
_TOKEN_DEPTH: Final = 8


def strict_json(data: bytes) -> None:
    """What is taken is what the standard library and orjson read; all that is strict is taken."""
    try:
        wanted = strict(data)
    except NotStrict:
        with pytest.raises(BadRequest) as refusal:
            loads(data)
        assert _WORDS.fullmatch(refusal.value.message), refusal.value.message
        assert refusal.value.__cause__ is None
        return
    value = loads(data)
    assert same(value, wanted)
    assert same(value, orjson.loads(data))
    assert same(loads(dumps(value)), value)


def embedded(data: bytes) -> None:
    """A string that is taken apart can be put together again, and hides nothing."""
    raw = data.decode(errors="ignore")
    value = parse_embedded(raw)
    if value is None:
        return
    written = dump_embedded(value)
    # Control characters in strings stand for themselves, which orjson does not take.
    assert same(json.loads(written), json.loads(raw, strict=False))
    orjson.loads(written)
    assert same(parse_embedded(written), value)


def jws(data: bytes) -> None:
    """A token is taken apart into what makes it up, or it is refused."""
    head, _, rest = data.partition(b"\n")
    for token in (data.decode("latin-1"), f"{encode(head)}.{encode(rest)}.{encode(b'x')}"):
        try:
            parts = read_jws(token)
            check_header(parts.header)
            check_type(parts.header, ())
        except Unauthenticated:
            continue
        assert f"{parts.signed.decode()}.{encode(parts.signature)}" == token
        for segment, value in zip(token.split("."), (parts.header, parts.claims), strict=False):
            assert same(value, strict(decode(segment) or b"", max_depth=_TOKEN_DEPTH))


def sse(data: bytes) -> None:
    """Events are those of the standard, in whatever pieces they come; what is passed on is too."""
    step, stream = (data[0] or 256, data[1:]) if data else (1, b"")
    whole, fault = read_events([stream])
    pieces, fault_in_pieces = read_events(
        [stream[at : at + step] for at in range(0, len(stream), step)]
    )
    assert fault == fault_in_pieces
    assert whole == pieces[: len(whole)]
    if fault is None:
        assert whole == pieces
        assert _heard(whole) == [*dispatched(_settled(stream))]
        assert [*dispatched(b"".join(event.raw for event in whole))] == _passed(whole)


def read_events(chunks: list[bytes]) -> tuple[list[ServerEvent], str | None]:
    """The events of a stream, and what was wrong with it."""
    parser, events = EventParser(), []
    try:
        for chunk in chunks:
            events += parser.feed(chunk)
    except UpstreamError as error:
        return events, error.reason
    return events, None


def _heard(events: list[ServerEvent]) -> list[tuple[bytes, bytes]]:
    return [(event.name.encode(), event.data) for event in events if event.data is not None]


def _passed(events: list[ServerEvent]) -> list[tuple[bytes, bytes]]:
    """As they were heard, but for names that are no words."""
    return [(name if is_identifier(name.decode()) else b"", data) for name, data in _heard(events)]


def _settled(stream: bytes) -> bytes:
    """Without a CR at the end, as an LF that belongs to it may still be under way."""
    return stream.removesuffix(b"\r")
