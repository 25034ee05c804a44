"""The composition root: start and stop, and what is wrong told before anything starts."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from house import build, chat

from gateway.app import CONFIG_VARIABLE, Gateway, create
from gateway.audit.filters import Filters
from gateway.audit.query import events
from gateway.errors import ConfigurationError
from gateway.settings import load_settings
from gateway.starter import create_home

if TYPE_CHECKING:
    from pathlib import Path


def stages(home: Path) -> list[str]:
    page = events(f"sqlite:///{home}/data/audit.db", Filters(limit=100))
    return [str(event["stage"]) for event in reversed(page.events)]


def test_start_and_stop_are_recorded(tmp_path: Path) -> None:
    with build(tmp_path) as house:
        assert house.client("analyst").post("/v1/chat/completions", json=chat("Hi")).is_success
    assert stages(house.home) == [
        "writer.open", "gateway.start", "policy.loaded", "intent", "outcome", "gateway.stop",
        "writer.close",
    ]  # fmt: skip


def test_a_policy_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    create_home(tmp_path / "home")
    shutil.rmtree(tmp_path / "home" / "policies")
    with pytest.raises(ConfigurationError, match="policies"):
        Gateway(load_settings(tmp_path / "home" / "gateway.yaml"))


async def test_a_start_that_fails_is_told_to_the_server(tmp_path: Path) -> None:
    create_home(tmp_path / "home")
    (tmp_path / "home" / "keys" / "issuer.jwks.json").unlink()
    app = Gateway(load_settings(tmp_path / "home" / "gateway.yaml"))
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "lifespan.startup"}

    async def send(message: Any) -> None:
        sent.append(message)

    await app({"type": "lifespan"}, receive, send)
    assert [message["type"] for message in sent] == ["lifespan.startup.failed"]
    assert app._log is not None
    await app._log.close()


def test_a_worker_finds_its_settings_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CONFIG_VARIABLE, str(tmp_path / "none.yaml"))
    monkeypatch.setattr("gateway.app.configure_logs", lambda: None)
    with pytest.raises(ConfigurationError, match=r"none\.yaml: cannot be read"):
        create()


def test_paths_outside_the_control_plane_go_to_the_data_plane(tmp_path: Path) -> None:
    with build(tmp_path) as house:
        client = house.client("analyst")
        assert "x-gateway-decision" in client.get("/gateway").headers
        assert client.get("/gateway").status_code == 404
        assert client.get("/nowhere").status_code == 404
        assert client.get("/gateway/whoami").status_code == 200
