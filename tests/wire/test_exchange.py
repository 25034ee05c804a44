"""The joint of the wire formats: places of texts, and that all formats keep to the protocol."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from examples import ask, spoken, target_of

from gateway.errors import BadRequest
from gateway.wire.exchange import DECODED, EMBEDDED, ChosenKey, Format, Path, Text, pointer
from gateway.wire.formats import ANTHROPIC, OLLAMA, OPENAI

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateway.wire.formats import Route


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ((), ""),
        (("messages", 3, "content"), "/messages/3/content"),
        (("a/b", "c~d", ""), "/a~1b/c~0d/"),
        (("f", "arguments", EMBEDDED, "to", 0), "/f/arguments#/to/0"),
        (("image_url", "url", DECODED), "/image_url/url#"),
        (("vars", ChosenKey("a client's word"), "text"), "/vars/*/text"),
        (("vars", ChosenKey("word"), 7, ChosenKey("8")), "/vars/*/7/*"),
    ],
)
def test_a_place_is_written_as_a_json_pointer(path: Path, written: str) -> None:
    assert pointer(path) == written
    assert Text("x", "user", path).where == written


def test_all_formats_keep_to_the_protocol() -> None:
    formats: list[Format] = [OPENAI, ANTHROPIC, OLLAMA]
    assert [one.name for one in formats] == ["openai", "anthropic", "ollama"]


def test_bodies_stay_out_of_what_is_printed() -> None:
    messages = [{"role": "system", "content": "a secret"}, {"role": "user", "content": "a secret"}]
    body = {"model": "m", "messages": messages}
    answer = {"choices": [{"message": {"content": "a secret"}}]}
    chunk = {"choices": [{"index": 0, "delta": {"content": "a secret"}}]}
    reader = OPENAI.stream_reader()
    events = reader.feed(b"data: %b\n\n" % json.dumps(chunk).encode())
    for printed in (OPENAI.read(body), ANTHROPIC.read(body), OPENAI.read_answer(answer), events):
        assert "a secret" not in repr(printed)


@pytest.mark.parametrize("route", spoken(), ids=lambda route: route.path.decode())
def test_the_place_of_what_is_unknown_has_no_word_of_the_client(
    spoilt: Callable[[Any], Iterator[tuple[Path, Any]]], mark: str, route: Route
) -> None:
    target = target_of(route)
    known = {pointer(path) for path, _ in spoilt(ask(route))}
    seen = set()
    for path, body in spoilt(ask(route)):
        try:
            found = route.format.read(body, target)
        except BadRequest:
            continue
        unknown = any(text.provenance == "unknown" for text in found.texts)
        assert (found.unknown_at is not None) == unknown, path
        where = pointer(found.unknown_at or ())
        assert mark not in where
        assert where.partition("/*")[0].rstrip("#") in known, where
        seen.add(where)
    assert len(seen) > 1
