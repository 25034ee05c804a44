"""The table of paths."""

from __future__ import annotations

import pytest

from gateway.wire.formats import ANTHROPIC, OPENAI, ROUTES, nearest_format, route_for


def test_the_routes_are_these_and_no_others() -> None:
    assert {
        (path, route.name, route.format.name, route.kind, *route.methods)
        for path, route in ROUTES.items()
    } == {
        (b"/v1/chat/completions", "chat.completions", "openai", "generate", "POST"),
        (b"/v1/messages", "messages", "anthropic", "generate", "POST"),
        (b"/v1/models", "models", "openai", "models", "GET"),
    }


@pytest.mark.parametrize(
    "path",
    [
        b"",
        b"/",
        b"/v1/chat/completions/",
        b"//v1/chat/completions",
        b"/v1/Chat/completions",
        b"/v1/chat%2fcompletions",
        b"/v1/chat/./completions",
        b"/v1/messages?x=1",
        b"/v1/messages/count_tokens",
    ],
)
def test_a_path_that_is_only_nearly_one_is_none(path: bytes) -> None:
    assert route_for(path) is None


def test_each_route_is_found_by_its_path() -> None:
    for path, route in ROUTES.items():
        assert route_for(path) is route
        assert nearest_format(path) is route.format


def test_an_unknown_path_is_refused_in_words_its_client_knows() -> None:
    assert nearest_format(b"/v1/messages/batches") is ANTHROPIC
    assert nearest_format(b"/v1/embeddings") is OPENAI
    assert nearest_format(b"/") is OPENAI
