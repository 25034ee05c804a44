"""An endpoint of somebody's own behind the gateway: its JSON is read where the settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest
from own_endpoint import CANARY, CARD, MAIL, POLICY, Endpoint, built

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from house import House


@pytest.fixture(scope="module")
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, endpoint: Endpoint) -> Iterator[House]:
    with built(tmp_path_factory.mktemp("own"), endpoint) as house:
        yield house


def ask(house: House, body: Any, role: str = "analyst", path: str = "/generate") -> Any:
    return house.client(role).post(path, json=body)


def test_what_is_fine_goes_both_ways_as_it_is(own: House, endpoint: Endpoint) -> None:
    body = {"prompt": "hi", "history": [{"text": "before"}], "model": "my-model", "k": 3}
    answer = ask(own, body)
    assert (answer.status_code, answer.json()) == (200, {"output": "fine", "n": 1.5})
    assert answer.headers["x-gateway-decision"] == "allow"
    path, headers, heard = endpoint.seen[-1]
    assert (path, heard, headers["x-own-key"]) == ("/generate", body, "own-secret")
    assert headers["accept"] == "application/json"
    assert "authorization" not in headers


def test_a_call_is_recorded_like_any_other(own: House) -> None:
    answer = ask(own, {"prompt": "hi"})
    intent, outcome = own.records_of(answer.headers["x-gateway-event"])
    assert intent["stage"] == "intent"
    keys = ("route", "format", "upstream", "model", "stream", "decision", "usage")
    assert [outcome.get(key) for key in keys] == [
        "inhouse.generate", "json", "inhouse", "my-model", False, "allow", None,
    ]  # fmt: skip
    assert outcome["coverage"]["chars"] == outcome["coverage"]["scanned"] > 0


def test_texts_are_redacted_on_their_way_up(own: House, endpoint: Endpoint) -> None:
    answer = ask(own, {"prompt": f"write to {MAIL}", "history": [{"text": MAIL}], "note": MAIL})
    assert answer.status_code == 200
    assert answer.headers["x-gateway-decision"] == "redact"
    assert endpoint.seen[-1][2] == {
        "prompt": "write to [EMAIL_ADDRESS]",
        "history": [{"text": "[EMAIL_ADDRESS]"}],
        "note": "[EMAIL_ADDRESS]",
    }


def test_texts_are_redacted_on_their_way_back(own: House) -> None:
    answer = ask(own, {"prompt": "mail"})
    assert answer.json() == {"output": "ask [EMAIL_ADDRESS]", "id": 7}
    assert answer.headers["x-gateway-decision"] == "redact"


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": CARD},
        {"prompt": ["hi", {"deep": CARD}]},
        {"prompt": {CARD: 1}},
        {"prompt": {"number": 4111111111111111}},
        {"prompt": "hi", "history": [{"text": "hi"}, {"text": CARD}]},
        {"prompt": "hi", "history": [{"text": "hi", "who": CARD}]},
        {"prompt": "hi", "metadata": {"deep": [{"deeper": CARD}]}},
        {"prompt": "hi", CARD: True},
        {"prompt": "hi", "account": 4111111111111111},
        {"prompt": "hi", "account": 4111111111111111.0},
        {"prompt": {"number": [4111111111111111.5]}},
    ],
    ids=[
        *("text", "part", "key", "number", "star", "beside", "unknown", "unknown key", "digits"),
        *("digits with a fraction", "number with a fraction"),
    ],
)
def test_attack_a_card_anywhere_in_a_request_is_blocked(
    own: House, endpoint: Endpoint, body: dict[str, Any]
) -> None:
    seen = len(endpoint.seen)
    answer = ask(own, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "content_blocked")
    assert answer.headers["x-gateway-decision"] == "block"
    assert "4111" not in answer.text
    assert len(endpoint.seen) == seen


def test_a_blocked_answer_keeps_its_shape_and_none_of_its_texts(own: House) -> None:
    answer = ask(own, {"prompt": "card"})
    assert (answer.status_code, answer.json()) == (200, {"output": "", "more": [{"text": ""}]})
    assert answer.headers["x-gateway-decision"] == "block"
    for prompt in ("hidden card", "card with a fraction"):
        hidden = ask(own, {"prompt": prompt})
        assert (hidden.status_code, hidden.json()) == (200, {"output": ""})
        assert CANARY not in answer.text + hidden.text


@pytest.mark.parametrize("prompt", ["stream", "text", "list", "number", "broken", "twice"])
def test_what_is_no_answer_of_its_shape_is_an_upstream_error(own: House, prompt: str) -> None:
    answer = ask(own, {"prompt": prompt, "stream": prompt == "stream"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "upstream_error")
    outcome = own.records_of(answer.headers["x-gateway-event"])[-1]
    assert (outcome["status"], outcome["error"][:15]) == (502, "upstream_error:")


def test_an_error_of_the_endpoint_is_guarded_as_well(own: House) -> None:
    answer = ask(own, {"prompt": "fails"})
    assert (answer.status_code, answer.json()) == (422, {"detail": "tell [EMAIL_ADDRESS]"})


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"prompt": 5}, "/prompt must be"),
        ({"prompt": True}, "/prompt must be"),
        ({"history": "x"}, "/history must be an object or a list"),
        ({"history": [{"text": 5}]}, "/history/0/text must be"),
        ({"Prompt": "x"}, "/prompt is spelt in another case"),
        ({"prompt": "x", "model": CANARY}, "/model must be the model of this route"),
        ({"prompt": "x", "options": {"model": CANARY}}, "names another model"),
        (["x"], "The body must be an object"),
    ],
)
def test_another_shape_is_refused_with_its_place(
    own: House, endpoint: Endpoint, body: Any, where: str
) -> None:
    seen = len(endpoint.seen)
    answer = ask(own, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")
    assert where in answer.json()["error"]["message"]
    assert CANARY not in answer.text
    assert len(endpoint.seen) == seen


def test_a_key_that_the_client_chose_is_named_nowhere(own: House) -> None:
    answer = ask(own, {CANARY: 5}, path="/words")
    assert answer.json()["error"]["message"].startswith("/* must be a text")
    assert ask(own, {CANARY: CARD}, path="/words").status_code == 400
    assert CANARY not in str(own.events(limit="20"))


def test_who_may_not_is_denied(own: House, endpoint: Endpoint) -> None:
    seen = len(endpoint.seen)
    answer = ask(own, {"prompt": "hi"}, role="chatter")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "policy_denied")
    assert own.client().post("/generate", json={"prompt": "hi"}).status_code == 401
    assert len(endpoint.seen) == seen


def test_paths_queries_and_methods_are_exact(own: House, endpoint: Endpoint) -> None:
    seen = len(endpoint.seen)
    client = own.client("analyst")
    assert client.post("/generate/", json={}).status_code == 404
    assert client.post("/Generate", json={}).status_code == 404
    assert client.post("/generate?debug=1", json={}).status_code == 400
    assert client.get("/generate").status_code == 405
    form = client.post("/generate", content=b"prompt=hi", headers={"content-type": "text/plain"})
    assert form.status_code == 415
    assert len(endpoint.seen) == seen


def test_a_caller_sees_the_routes_and_models_that_it_may_use(own: House) -> None:
    who = own.client("analyst").get("/gateway/whoami").json()
    assert (who["routes"], who["models"]) == (["inhouse.generate", "wordy"], ["my-model"])
    models = own.client("analyst").get("/v1/models").json()["data"]
    assert models == [{"id": "my-model", "object": "model", "created": 0, "owned_by": "inhouse"}]
    who = own.client("chatter").get("/gateway/whoami").json()
    assert (who["routes"], who["models"]) == (["chat.completions"], ["*"])
    names = {one["id"] for one in own.client("chatter").get("/v1/models").json()["data"]}
    assert "demo-small" in names
    assert "my-model" not in names, "it may use it on no route that has it"


def test_attack_the_model_of_a_route_is_served_on_no_other_path(own: House) -> None:
    body = {"model": "my-model", "messages": [{"role": "user", "content": "hi"}]}
    assert ask(own, body, "chatter", "/v1/chat/completions").status_code == 404


def test_a_policy_may_leave_nothing_but_declared_places(tmp_path: Path) -> None:
    endpoint = Endpoint()
    strict = POLICY.replace("roles:\n", "defaults: {unknown_fields: refuse}\nroles:\n", 1)
    with built(tmp_path, endpoint, strict) as house:
        fine = {"prompt": ["a", {"b": "c"}], "history": [{"text": "x"}], "model": "my-model"}
        assert ask(house, fine).status_code == 200
        assert ask(house, {CANARY: "x"}, path="/words").status_code == 200
        for body, where in (
            ({"prompt": "hi", CANARY: 1}, "the body"),
            ({"history": [{"text": "x", CANARY: None}]}, "/history/0"),
        ):
            answer = ask(house, body)
            assert answer.status_code == 400
            assert answer.json()["error"]["message"].startswith(f"{where} has a field or a value")
            assert CANARY not in answer.text
        assert len(endpoint.seen) == 2


def test_values_are_tokenised_on_their_way_up_and_restored_on_their_way_back(
    tmp_path: Path,
) -> None:
    endpoint = Endpoint()
    policy = POLICY.replace("EMAIL_ADDRESS: redact", "EMAIL_ADDRESS: tokenise")
    with built(tmp_path, endpoint, policy) as house:
        body = {"prompt": f"write to {MAIL}", "history": [{"text": MAIL}], "echo": [MAIL]}
        answer = ask(house, body)
        assert (answer.status_code, answer.json()) == (
            200, {"output": {"said": body}, "debug": [MAIL]},
        )  # fmt: skip
        assert answer.headers["x-gateway-decision"] == "tokenise"
        heard = endpoint.seen[-1][2]
        assert MAIL not in str(heard)
        stand_in = heard["echo"][0]
        assert heard["prompt"] == f"write to {stand_in}"


def test_rules_that_require_what_nobody_knows_allow_nothing(tmp_path: Path) -> None:
    policy = POLICY.replace("    limits: many\n", "    require: {max_tokens: {lte: 100}}\n", 1)
    policy = policy.replace("{decision: allow, rule: own}", "{decision: deny}")
    with built(tmp_path, Endpoint(), policy) as house:
        assert ask(house, {"prompt": "hi"}).status_code == 403
        assert ask(house, {"prompt": "hi", "max_tokens": 5}).status_code == 403


def test_a_long_body_fares_like_a_short_one(own: House, endpoint: Endpoint) -> None:
    long = {"prompt": ["a word. "] * 30_000, "history": [{"text": MAIL}]}
    assert len(orjson.dumps(long)) > 300_000
    assert ask(own, long).status_code == 200
    assert endpoint.seen[-1][2]["history"] == [{"text": "[EMAIL_ADDRESS]"}]
