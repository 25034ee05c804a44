"""What rules demand of a request, seen by the real SDKs, the upstream and the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import anthropic
import openai
import pytest
from access import ACCESS
from house import House, build, chat

from gateway.demo.reply import DemoReply, DemoRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

OPENAI: Final = "/v1/chat/completions"
ANTHROPIC: Final = "/v1/messages"
SEARCH: Final[Any] = {"type": "function", "function": {"name": "search"}}
SHELL: Final[Any] = {"type": "function", "function": {"name": "shell"}}


def reply(request: DemoRequest) -> DemoReply:
    return DemoReply("Write to ada@example.com." if "whom" in request.last.text else "Fine.")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build(tmp_path_factory.mktemp("access"), reply, policy=ACCESS) as house:
        yield house


def post(house: House, role: str, body: dict[str, Any], path: str = OPENAI) -> httpx.Response:
    claims = body.pop("claims", {})
    return house.client(role, **claims).post(path, json=body)


def outcome(house: House, answer: httpx.Response) -> dict[str, Any]:
    return house.records_of(answer.headers["x-gateway-event"])[-1]


def heard(house: House) -> Any:
    return house.demo.seen[-1].json


def sdk(house: House, *roles: str) -> openai.OpenAI:
    client = openai.OpenAI(base_url=f"{house.url}/v1", api_key=house.token(*roles), max_retries=0)
    return house.clients.enter_context(client)


@pytest.mark.parametrize("spelling", ["max_tokens", "max_completion_tokens"])
def test_a_parameter_beyond_its_bound_is_denied_in_every_spelling(
    house: House, spelling: str
) -> None:
    seen = len(house.demo.seen)
    answer = post(house, "analyst", chat("hello") | {spelling: 4097})
    assert answer.status_code == 403
    assert "max_tokens" in answer.json()["error"]["message"]
    record = outcome(house, answer)
    assert record["error"].startswith("policy_denied: ")
    assert "chat" in record["error"]
    assert len(house.demo.seen) == seen
    assert post(house, "analyst", chat("hello") | {spelling: 4096}).status_code == 200


def test_a_bound_that_is_not_stated_is_written(house: House) -> None:
    assert post(house, "analyst", chat("hello")).status_code == 200
    assert heard(house)["max_tokens"] == 4096


def test_the_same_rule_means_the_same_for_anthropic(house: House) -> None:
    client = anthropic.Anthropic(base_url=house.url, api_key=house.token("analyst"), max_retries=0)
    house.clients.enter_context(client)
    messages: Any = [{"role": "user", "content": "hello"}]
    with pytest.raises(anthropic.PermissionDeniedError, match="max_tokens"):
        client.messages.create(model="demo-small", max_tokens=4097, messages=messages)
    client.messages.create(model="demo-small", max_tokens=10, messages=messages)
    assert heard(house)["max_tokens"] == 10
    body = chat("hello", max_tokens=10, temperature=0.9)
    assert post(house, "analyst", body, ANTHROPIC).status_code == 200
    assert heard(house)["temperature"] == 0.5


def test_tools_that_a_rule_does_not_name_are_denied(house: House) -> None:
    client = sdk(house, "analyst")
    messages: Any = [{"role": "user", "content": "hello"}]
    client.chat.completions.create(model="demo-small", messages=messages, tools=[SEARCH])
    with pytest.raises(openai.PermissionDeniedError, match="tools"):
        client.chat.completions.create(model="demo-small", messages=messages, tools=[SEARCH, SHELL])
    legacy: Any = {"functions": [{"name": "shell"}]}
    with pytest.raises(openai.PermissionDeniedError, match="tools"):
        client.chat.completions.create(model="demo-small", messages=messages, extra_body=legacy)


def test_clamps_change_what_the_upstream_hears_and_nothing_else(house: House) -> None:
    tools = [{"type": "function", "function": {"name": name}} for name in ("read.mail", "send")]
    body = chat("hello", max_tokens=500, temperature=1.5, tools=tools, seed=7)
    answer = post(house, "agent", body)
    assert answer.status_code == 200
    assert answer.headers["x-gateway-decision"] == "allow"
    got = heard(house)
    assert got["max_tokens"] == 100
    assert [tool["function"]["name"] for tool in got["tools"]] == ["read.mail"]
    assert got["messages"][0]["content"].startswith("Be brief.")
    assert got["messages"][-1] == {"role": "user", "content": "hello"}
    assert (got["temperature"], got["seed"]) == (1.5, 7)


def test_redaction_and_clamps_go_together(house: House) -> None:
    body = chat("mail ada@example.com", max_tokens=500)
    assert post(house, "agent", body).headers["x-gateway-decision"] == "redact"
    got = heard(house)
    assert got["messages"][-1]["content"] == "mail [EMAIL_ADDRESS]"
    assert got["max_tokens"] == 100


def test_a_parameter_in_another_apis_spelling_is_denied_where_it_is_bounded(house: House) -> None:
    body = chat("hello", max_output_tokens=100_000)
    assert post(house, "analyst", body).status_code == 403


def test_a_deny_rule_looks_at_parameters(house: House) -> None:
    answer = post(house, "batch", chat("hello", tools=[SEARCH]))
    assert answer.status_code == 403
    assert answer.json()["error"]["message"] == "batch jobs may not call tools"
    assert outcome(house, answer)["rules"] == ["no-tools-for-batch"]


def test_rules_in_shadow_mode_decide_nothing_and_are_recorded(house: House) -> None:
    denied = post(house, "guest", chat("hello"))
    assert denied.status_code == 403
    notes = outcome(house, denied)["shadow"]
    assert [(one["rule"], one["decision"]) for one in notes] == [("guests-later", "allow")]
    allowed = post(house, "analyst", chat("hello", model="demo-large"))
    assert allowed.status_code == 200
    notes = outcome(house, allowed)["shadow"]
    assert [(one["rule"], one["decision"]) for one in notes] == [("analysts-never", "deny")]
    assert outcome(house, post(house, "analyst", chat("hello")))["shadow"] == []


@pytest.mark.parametrize("stream", [False, True])
def test_a_shadow_override_is_noted_in_both_directions(house: House, stream: bool) -> None:  # noqa: FBT001
    body = chat("mail ada@example.com", stream=stream)
    answer = post(house, "analyst", body)
    assert answer.status_code == 200
    expected = {"rule": "addresses-block", "decision": "block", "scanner": "pii",
                "entity": "EMAIL_ADDRESS"}  # fmt: skip
    assert outcome(house, answer)["shadow"] == [expected]
    answer = post(house, "analyst", chat("to whom?", stream=stream))
    assert "[EMAIL_ADDRESS]" in answer.text
    assert outcome(house, answer)["shadow"] == [expected]


def test_an_exception_spares_whom_it_names_and_nobody_else(house: House) -> None:
    address = "mail ada@example.com"
    contracts = {"team": "contracts"}
    answer = post(house, "legal", chat(address, claims=contracts))
    assert heard(house)["messages"][-1]["content"] == address
    record = outcome(house, answer)
    assert record["rules"] == ["chat", "legal-addresses"]
    assert record["coverage"]["scanners"] == {"pii": "clean"}
    post(house, "legal", chat(address, claims={"team": "sales"}))
    assert heard(house)["messages"][-1]["content"] == "mail [EMAIL_ADDRESS]"
    post(house, "analyst", chat(address, claims=contracts))
    assert heard(house)["messages"][-1]["content"] == "mail [EMAIL_ADDRESS]"
    card = chat("my card is 4111 1111 1111 1111", claims=contracts)
    assert post(house, "legal", card).status_code == 400


def test_callers_are_shown_only_what_they_may_use(house: House) -> None:
    def shown(role: str) -> tuple[list[str], dict[str, Any]]:
        client = house.client(role)
        data = client.get("/v1/models").json()["data"]
        return [one["id"] for one in data], client.get("/gateway/whoami").json()

    models, who = shown("batch")
    assert models == ["demo-small"]
    assert who["models"] == ["demo-small"]
    models, who = shown("analyst")
    assert {"demo-small", "demo-large"} <= set(models)
    assert who["routes"] == ["chat.completions", "messages"]
    assert house.client("guest").get("/v1/models").status_code == 403
    assert house.client("guest").get("/gateway/whoami").json()["models"] == []
