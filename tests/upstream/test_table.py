"""Which endpoint serves a model, and how the gateway names itself there."""

from __future__ import annotations

import pytest

from gateway.settings import CredentialSettings, UpstreamSettings
from gateway.upstream.table import UpstreamTable

TABLE = UpstreamTable(
    {
        "first": UpstreamSettings(
            url="https://one.example/base/",
            models=("gpt-*",),
            credential=CredentialSettings(header="X-Api-Key", value="sk-secret"),
        ),
        "second": UpstreamSettings(url="http://127.0.0.1:9000", models=("gpt-5", "own")),
        "none": UpstreamSettings(url="http://127.0.0.1:9001"),
    }
)


def name_of(model: str) -> str | None:
    upstream = TABLE.for_model(model)
    return upstream.name if upstream else None


def test_the_first_upstream_that_serves_a_model_is_asked() -> None:
    assert name_of("gpt-5") == "first"
    assert name_of("own") == "second"
    assert name_of("other") is None
    assert name_of("") is None
    assert [upstream.name for upstream in TABLE] == ["first", "second", "none"]


def test_a_path_goes_below_the_upstreams_own() -> None:
    first = TABLE.for_model("gpt-5")
    assert first is not None
    assert first.url("/v1/messages?beta=true") == "https://one.example/base/v1/messages?beta=true"


def test_a_credential_is_a_header_and_never_shown() -> None:
    first = TABLE.for_model("gpt-5")
    assert first is not None
    assert first.credential == ((b"x-api-key", b"sk-secret"),)
    assert "sk-secret" not in repr(first)
    second = TABLE.for_model("own")
    assert second is not None
    assert second.credential == ()


def test_attack_models_of_many_names_do_not_fill_the_memory() -> None:
    for number in range(5000):
        assert name_of(f"made-up-{number}") is None
    assert len(TABLE._by_model) <= 1024
    assert name_of("gpt-5") == "first"


def test_an_upstream_is_found_by_its_name() -> None:
    table = UpstreamTable({"a": UpstreamSettings(url="http://127.0.0.1:1", models=("m",))})
    assert table.named("a") is table.for_model("m")
    with pytest.raises(KeyError):
        table.named("b")
