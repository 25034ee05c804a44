"""Lines of JSON: the same whatever the cutting, and never more than was bargained for."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.errors import UpstreamError
from gateway.wire.ndjson import LineParser, encode
from gateway.wire.sse import ServerEvent

LINE = st.sampled_from(['{"a":1}', '{"b":"é☃\u2028"}', "", " ", "\t", "x", "\r", "{} \r"])
STREAM = st.builds(
    lambda lines, last: ("".join(line + "\n" for line in lines) + last).encode(),
    st.lists(LINE, max_size=12),
    LINE,
)


def parse(*chunks: bytes) -> list[ServerEvent]:
    parser = LineParser()
    return [*(event for chunk in chunks for event in parser.feed(chunk)), *parser.close()]


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[start:end] for start, end in itertools.pairwise(edges)]


@given(STREAM, st.lists(st.integers(0, 400), max_size=20))
@example('{"a":"é☃"}\r\n\r\n{"b":2}'.encode(), list(range(40)))
def test_the_cutting_does_not_matter(stream: bytes, places: list[int]) -> None:
    assert parse(*cut(stream, places)) == parse(stream)


@given(STREAM)
def test_events_are_the_lines_that_are_not_blank(stream: bytes) -> None:
    lines = [line for line in stream.split(b"\n") if line.strip()]
    assert [event.data for event in parse(stream)] == lines
    assert b"".join(event.raw for event in parse(stream)) == b"".join(
        line + b"\n" for line in lines
    )


def test_a_line_passes_byte_for_byte_with_its_end() -> None:
    stream = b'{"a": 1}\n{"b":2}\r\n'
    assert parse(stream) == [
        ServerEvent(b'{"a": 1}\n', "", b'{"a": 1}'),
        ServerEvent(b'{"b":2}\r\n', "", b'{"b":2}\r'),
    ]


def test_a_line_is_there_as_soon_as_it_ends() -> None:
    parser = LineParser()
    assert parser.feed(b'{"a":1}') == []
    assert [event.data for event in parser.feed(b'\n{"b"')] == [b'{"a":1}']
    assert [event.data for event in parser.feed(b":2}\n\n")] == [b'{"b":2}']
    assert parser.close() == []


def test_a_last_line_without_its_end_gets_one() -> None:
    assert [event.raw for event in parse(b'{"a":1}\n{"b":2}')] == [b'{"a":1}\n', b'{"b":2}\n']


@pytest.mark.parametrize("chunk", [1, 7, 4096, 3 * 2**20])
@pytest.mark.parametrize("end", [b"\n", b""])
def test_a_line_longer_than_a_mebibyte_is_refused(chunk: int, end: bytes) -> None:
    stream = b"{" + b"x" * (2**20 + chunk) + end
    step = max(chunk, 4096)
    with pytest.raises(UpstreamError):
        parse(*(stream[start : start + step] for start in range(0, len(stream), step)))


def test_the_bound_is_a_bound_on_each_line() -> None:
    parser = LineParser(4)
    assert len(parser.feed(b"1234\n" * 9 + b"1234")) == 9
    assert len(parser.feed(b"\n12")) == 1
    with pytest.raises(UpstreamError):
        parser.feed(b"345")
    with pytest.raises(UpstreamError):
        LineParser(4).feed(b"1\n12345\n1")


def test_an_endless_line_in_small_pieces_costs_linear_time() -> None:
    parser = LineParser()
    for _ in range(2**16):
        parser.feed(b"xxxxxxxx")


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(stream: bytes) -> None:
    assert b"".join(event.raw for event in parse(stream)).count(b"\n") <= stream.count(b"\n") + 1


@given(st.dictionaries(st.text(max_size=5), st.text(st.characters(codec="utf-8")), max_size=3))
@example({"a": "one\u2028two\u2029three\x85four\x0bfive\r\nsix\x1e"})
def test_what_is_encoded_is_one_line_for_every_reader(value: dict[str, str]) -> None:
    line = encode(value)
    assert len(line.decode().splitlines()) == 1
    assert [json.loads(event.data or b"") for event in parse(line)] == [value]
