"""The types of values in ``gateway.yaml``."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from gateway.values import Network, SecureUrl, StateUrl


def read(kind: Any, value: str) -> Any:
    return TypeAdapter(kind).validate_python(value)


@pytest.mark.parametrize(
    "value", ["memory", "redis://localhost:6379/0", "rediss://:secret@redis.example.com"]
)
def test_the_state_is_memory_or_a_redis(value: str) -> None:
    assert read(StateUrl, value) == value


@pytest.mark.parametrize("value", ["", "disk", "http://localhost", "redis://", "redis://h:0"])
def test_any_other_state_is_refused_unquoted(value: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read(StateUrl, value)
    (error,) = caught.value.errors()
    assert not value or value not in error["msg"].replace("redis://HOST", "")


@pytest.mark.parametrize("value", ["10.0.0.0/8", "::1/128", "192.0.2.7"])
def test_a_network_is_written_with_its_prefix(value: str) -> None:
    assert read(Network, value).startswith(value)


@pytest.mark.parametrize("value", ["10.0.0.1/8", "all", ""])
def test_a_network_with_host_bits_or_none_at_all_is_refused(value: str) -> None:
    with pytest.raises(ValidationError):
        read(Network, value)


def test_plain_http_is_for_this_machine_only() -> None:
    assert read(SecureUrl, "http://127.0.0.1:1/keys") == "http://127.0.0.1:1/keys"
    with pytest.raises(ValidationError):
        read(SecureUrl, "http://login.example.com/keys")
