"""Server-sent events: the same whatever the cutting, and never more than was bargained for."""

from __future__ import annotations

import itertools
import json

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from naive_sse import dispatched

from gateway.errors import UpstreamError
from gateway.wire.sse import KEEP_ALIVE, EventParser, ServerEvent, encode

END = st.sampled_from(["\n", "\r\n", "\r"])
LINE = st.sampled_from(
    [
        "data: {}",
        "data:x",
        "data",
        "data: é☃",
        "event: ping",
        "event:",
        "event: to ada",
        ": note",
        "id: 1",
        "odd",
        "",
    ]
)
STREAM = st.lists(st.tuples(LINE, END), max_size=30).map(
    lambda lines: "".join(line + end for line, end in lines).encode()
)


def parse(*chunks: bytes) -> list[ServerEvent]:
    parser = EventParser()
    return [event for chunk in chunks for event in parser.feed(chunk)]


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[start:end] for start, end in itertools.pairwise(edges)]


@settings(max_examples=250)
@given(STREAM, st.lists(st.integers(0, 400), max_size=20))
@example(b"data: a\r\n\r\ndata: b\r\n\r\n", list(range(40)))
def test_the_cutting_does_not_matter(stream: bytes, places: list[int]) -> None:
    assert parse(*cut(stream, places)) == parse(stream)


@given(STREAM, END)
@example(b"data: {}\r\n\r\ndata: {}\r\n\r\n", "\r\n")
@example(b"data: {}\r\n\r\n\r\ndata: {}\n\r\n", "\n")
def test_events_are_what_a_plain_reading_of_the_standard_finds(stream: bytes, end: str) -> None:
    stream += (end * 2).encode() + b":"
    found = [(one.name.encode(), one.data) for one in parse(stream) if one.data is not None]
    assert found == list(dispatched(stream))


@given(st.lists(st.lists(LINE, min_size=1, max_size=3), max_size=4), st.integers(0, 3))
def test_events_of_one_line_that_end_with_crlf_are_read_as_any_others(
    events: list[list[str]], rest: int
) -> None:
    stream = "".join("\r\n".join(lines) + "\r\n\r\n" for lines in events).encode() + b"data"[:rest]
    plain = stream.replace(b"\r\n", b"\n")
    found = parse(stream)
    assert [(one.name, one.data) for one in found] == [(one.name, one.data) for one in parse(plain)]
    assert [parse(one.raw)[0].data for one in found] == [one.data for one in found]
    assert found == parse(*cut(stream, list(range(len(stream)))))


@given(STREAM)
def test_what_is_passed_on_says_what_was_read(stream: bytes) -> None:
    events = parse(stream)
    names = {"to ada": ""}  # what is no word is read by nobody, and not passed on
    found = [
        (names.get(one.name, one.name).encode(), one.data) for one in events if one.data is not None
    ]
    assert list(dispatched(b"".join(one.raw for one in events))) == found


@pytest.mark.parametrize(
    "named",
    [
        b"event: ada@example.com\n",
        b"event: to ada\n",
        b"event: to ada\nevent: ping\n",
        b"event: ping\nevent: to ada\n",
        b"event: %b\n" % (b"a" * 129),
        b"event:\nevent: to ada\n",
    ],
)
def test_bug_the_name_of_an_event_carried_what_nobody_read(named: bytes) -> None:
    for end in (b"\n", b"\r\n", b"\r"):
        stream = (named + b'data: {"a":1}\n\n').replace(b"\n", end) + b":"
        (whole,) = parse(stream)
        assert whole.data == b'{"a":1}'
        assert b"ada" not in whole.raw
        assert b"aaa" not in whole.raw
        assert parse(*cut(stream, list(range(len(stream))))) == [whole]
        assert parse(b"data: {}\n\n" + stream)[1] == whole


def test_of_several_names_of_an_event_the_one_that_counts_is_passed_on() -> None:
    (event,) = parse(b"event: a\nevent: b\ndata: {}\n\n")
    assert event == ServerEvent(b"event: b\ndata: {}\n\n", "b", b"{}")


def test_an_event_passes_byte_for_byte() -> None:
    plain, named, windows = b"data: {}\n\n", b"event: a\ndata: {}\n\n", b"data: x\r\n\r\n"
    events = parse(plain + named + windows + b":")
    assert [event.raw for event in events] == [plain, named, windows]
    assert [event.name for event in events] == ["", "a", ""]


def test_what_is_not_read_is_not_passed_on() -> None:
    stream = (
        b": a secret note\nid: 4111111111111111\ndata: a\ndata: b\nevent: e\n\n: only a note\n\n"
    )
    assert parse(stream) == [
        ServerEvent(b"event: e\ndata: a\ndata: b\n\n", "e", b"a\nb"),
        ServerEvent(KEEP_ALIVE, "", None),
    ]


def test_a_byte_order_mark_is_skipped_once() -> None:
    bom = b"\xef\xbb\xbf"
    assert parse(bom + b"data: x\n\n")[0].data == b"x"
    assert parse(b"data: x\n\n" + bom + b"data: y\n\n")[1].data is None


@pytest.mark.parametrize("chunk", [1, 7, 4096, 3 * 2**20])
def test_an_event_larger_than_a_mebibyte_is_refused(chunk: int) -> None:
    stream = b"data: " + b"x" * (2**20 + chunk) + b"\n\n"
    step = max(chunk, 4096)
    with pytest.raises(UpstreamError):
        parse(*(stream[start : start + step] for start in range(0, len(stream), step)))


def test_an_endless_line_in_small_pieces_costs_linear_time() -> None:
    parser = EventParser()
    for _ in range(2**16):
        parser.feed(b"xxxxxxxx")


def test_a_parser_may_take_larger_events() -> None:
    event = b"data: " + b"x" * 2**21 + b"\n\n"
    with pytest.raises(UpstreamError, match="larger than 1 MiB"):
        parse(event)
    assert len(EventParser(2**22).feed(event)) == 1
    with pytest.raises(UpstreamError, match="larger than 4 MiB"):
        EventParser(2**22).feed(b"data: " + b"x" * 2**22)


def test_an_unfinished_event_is_an_error_at_the_end() -> None:
    parser = EventParser()
    parser.feed(b"data: x\n\n\n")
    parser.close()
    parser.feed(b"data: y\n")
    with pytest.raises(UpstreamError):
        parser.close()


@pytest.mark.parametrize("end", ["\r\r", "\n\r", "\r\n\r"])
def test_a_last_event_that_ends_with_a_bare_cr_is_whole(end: str) -> None:
    stream = f"data: {{}}{end}".encode()
    for cut in range(len(stream) + 1):
        parser = EventParser()
        events = [*parser.feed(stream[:cut]), *parser.feed(stream[cut:]), *parser.close()]
        assert [(one.raw, one.data) for one in events] == [(stream, b"{}")]
        assert parser.close() == []


def test_a_name_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(UpstreamError):
        parse(b"event: \xff\ndata: {}\n\n")
    with pytest.raises(UpstreamError):
        parse(b"event: \xff\nid: 1\ndata: x\n\n")


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(stream: bytes) -> None:
    try:
        parser = EventParser()
        parser.feed(stream)
        parser.close()
    except UpstreamError:
        pass


def test_what_is_encoded_is_parsed() -> None:
    assert parse(encode(b"{}", "ping")) == [
        ServerEvent(b"event: ping\ndata: {}\n\n", "ping", b"{}")
    ]
    assert parse(encode(b"{}")) == [ServerEvent(b"data: {}\n\n", "", b"{}")]


@given(st.dictionaries(st.text(max_size=5), st.text(st.characters(codec="utf-8")), max_size=3))
@example({"a": "one\u2028two\u2029three\x85four\x0bfive\r\nsix\x1e"})
def test_bug_a_line_separator_in_a_written_event_was_a_line_end_to_some_readers(
    value: dict[str, str],
) -> None:
    """Clients that split decoded text heard half an event where a text of it was rewritten."""
    raw = encode(orjson.dumps(value), "ping")
    assert len(raw.decode().splitlines()) == 3
    (event,) = parse(raw)
    assert json.loads(event.data or b"") == value
