"""``GET /v1/models``: what this caller may use, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from house import build

if TYPE_CHECKING:
    from pathlib import Path

    from house import House


def names(house: House, *roles: str) -> list[str]:
    answer = house.client(*roles).get("/v1/models")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["object"] == "list"
    assert all(one["object"] == "model" for one in body["data"])
    return [one["id"] for one in body["data"]]


def test_a_caller_sees_what_it_may_use(house: House) -> None:
    assert "demo-small" in names(house, "analyst")
    assert "demo-large" not in names(house, "analyst")
    assert {"demo-small", "demo-large"} <= set(names(house, "developer"))


def test_a_caller_that_may_use_nothing_is_denied_and_recorded(house: House) -> None:
    answer = house.client("auditor").get("/v1/models")
    assert answer.status_code == 403
    assert answer.headers["x-gateway-decision"] == "deny"
    (record,) = house.records_of(answer.headers["x-gateway-event"])
    assert record["status"] == 403


def test_a_list_is_recorded(house: House) -> None:
    answer = house.client("analyst").get("/v1/models")
    (record,) = house.records_of(answer.headers["x-gateway-event"])
    assert (record["route"], record["status"], record["decision"]) == ("models", 200, "allow")


def test_the_names_of_the_settings_stay_where_the_upstream_is_down(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    edit = {'models: ["demo-*"]': 'models: [demo-small, "gpt-*"]'}
    with build(tmp_path, upstream=url, edit=edit) as house:
        assert names(house, "analyst") == ["demo-small"]


def test_an_upstream_whose_models_are_named_outright_is_not_asked(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    edit = {'models: ["demo-*"]': "models: [demo-small, gpt-5-mini]"}
    with build(tmp_path, upstream=f"http://127.0.0.1:{unused_tcp_port}", edit=edit) as house:
        assert names(house, "analyst") == ["demo-small", "gpt-5-mini"]
