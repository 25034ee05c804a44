"""Which API the demo model speaks at a path."""

from __future__ import annotations

import pytest

from gateway.demo.apis import APIS, api_of


@pytest.mark.parametrize(
    "path",
    ["", "/", "/v1/chat", "/v1/messages/", "/openai/deployments/m", "/v1/models/m:countTokens"],
)
def test_other_paths_have_none(path: str) -> None:
    assert api_of(path) is None


def test_each_path_has_its_own() -> None:
    for start, end, api in APIS:
        assert api_of(f"{start}m{end}" if end else start) is api
