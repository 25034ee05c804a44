"""The table of paths."""

from __future__ import annotations

import pytest

from gateway.errors import BadRequest
from gateway.wire.exchange import Target
from gateway.wire.formats import ANTHROPIC, OLLAMA, OPENAI, ROUTES, Route, Router, nearest_format

ROUTER = Router()


def test_the_routes_are_these_and_no_others() -> None:
    assert [
        (route.path.decode(), route.name, route.format.name, route.kind, *route.methods)
        for route in ROUTES
    ] == [
        ("/v1/chat/completions", "chat.completions", "openai", "generate", "POST"),
        ("/v1/completions", "completions", "openai", "generate", "POST"),
        ("/v1/embeddings", "embeddings", "openai", "generate", "POST"),
        ("/v1/responses", "responses", "openai", "generate", "POST"),
        ("/v1/messages", "messages", "anthropic", "generate", "POST"),
        ("/v1/messages/count_tokens", "messages", "anthropic", "generate", "POST"),
        (
            "/openai/deployments/{model}/chat/completions",
            "chat.completions",
            "azure",
            "generate",
            "POST",
        ),
        ("/openai/deployments/{model}/embeddings", "embeddings", "azure", "generate", "POST"),
        ("/api/chat", "ollama.chat", "ollama", "generate", "POST"),
        ("/api/generate", "ollama.generate", "ollama", "generate", "POST"),
        ("/api/embed", "embeddings", "ollama", "generate", "POST"),
        *(
            (f"/{version}/models/{{model}}:{verb}", name, "gemini", "generate", "POST")
            for version in ("v1beta", "v1")
            for verb, name in (
                ("generateContent", "generate_content"),
                ("streamGenerateContent", "generate_content"),
                ("embedContent", "embeddings"),
                ("batchEmbedContents", "embeddings"),
            )
        ),
        ("/v1/models", "models", "openai", "models", "GET"),
    ]


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
        b"/v1/messages/batches",
        b"/api/chat/",
        b"/API/chat",
        b"/api/tags",
        b"/openai/deployments/chat/completions",
        b"/openai/deployments//chat/completions",
        b"/openai/deployments/a/b/chat/completions",
        b"/openai/deployments/a%2Fb/chat/completions",
        b"/openai/deployments/a%20b/chat/completions",
        b"/openai/deployments/..%2f/chat/completions",
        b"/openai/deployments/" + b"a" * 300 + b"/chat/completions",
        b"/openai/deployments/\xc3\xa9/chat/completions",
    ],
)
def test_a_path_that_is_only_nearly_one_is_none(path: bytes) -> None:
    assert ROUTER.find(path) is None


def test_each_route_is_found_by_its_path() -> None:
    for route in ROUTES:
        named = "m-1:free" if b"{model}" in route.path else None
        path = route.path.replace(b"{model}", b"m-1:free")
        assert ROUTER.find(path) == (route, named)
        assert nearest_format(path).error(400, "c", "m", "") == route.format.error(
            400, "c", "m", ""
        )


def test_a_path_may_name_the_model() -> None:
    found = ROUTER.find(b"/openai/deployments/gpt-4o/chat/completions")
    assert found is not None
    route, model = found
    assert route.target(b"api-version=2024-10-21", model) == Target(
        "gpt-4o", None, {"api-version": "2024-10-21"}
    )


def test_routes_of_ones_own_stand_beside_the_others() -> None:
    own = Route(b"/generate", "inhouse.generate", OPENAI, model="my-model", upstream="inhouse")
    assert Router((own,)).find(b"/generate") == (own, None)
    assert own.target(b"").model == "my-model"


def test_a_query_that_a_route_does_not_know_is_refused() -> None:
    for route in ROUTES:
        with pytest.raises(BadRequest):
            route.target(b"prompt=hello")


def test_an_unknown_path_is_refused_in_words_its_client_knows() -> None:
    assert nearest_format(b"/v1/messages/batches") is ANTHROPIC
    assert nearest_format(b"/api/tags") is OLLAMA
    assert nearest_format(b"/v1/audio/speech") is OPENAI
    assert nearest_format(b"/") is OPENAI
