"""The joint of the wire formats: places of texts, and that both formats keep to the protocol."""

from __future__ import annotations

import json

import pytest

from gateway.wire.exchange import DECODED, EMBEDDED, Format, Path, Text, pointer
from gateway.wire.formats import ANTHROPIC, OPENAI


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ((), ""),
        (("messages", 3, "content"), "/messages/3/content"),
        (("a/b", "c~d", ""), "/a~1b/c~0d/"),
        (("f", "arguments", EMBEDDED, "to", 0), "/f/arguments#/to/0"),
        (("image_url", "url", DECODED), "/image_url/url#"),
    ],
)
def test_a_place_is_written_as_a_json_pointer(path: Path, written: str) -> None:
    assert pointer(path) == written
    assert Text("x", "user", path).where == written


def test_both_formats_keep_to_the_protocol() -> None:
    formats: list[Format] = [OPENAI, ANTHROPIC]
    assert [one.name for one in formats] == ["openai", "anthropic"]


def test_bodies_stay_out_of_what_is_printed() -> None:
    messages = [{"role": "system", "content": "a secret"}, {"role": "user", "content": "a secret"}]
    body = {"model": "m", "messages": messages}
    answer = {"choices": [{"message": {"content": "a secret"}}]}
    chunk = {"choices": [{"index": 0, "delta": {"content": "a secret"}}]}
    reader = OPENAI.stream_reader()
    events = reader.feed(b"data: %b\n\n" % json.dumps(chunk).encode())
    for printed in (OPENAI.read(body), ANTHROPIC.read(body), OPENAI.read_answer(answer), events):
        assert "a secret" not in repr(printed)
