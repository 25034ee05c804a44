"""JSON of an endpoint's own, both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.errors import BadRequest, InternalFault, PolicyDenied, UpstreamError
from gateway.terms import PARAMETERS, WORDLESS
from gateway.wire.own_json import OwnJson

if TYPE_CHECKING:
    from gateway.wire.exchange import Format

OWN = OwnJson("my-model", ["/prompt", "/history/*/text"], ["/output"])
BODY: dict[str, Any] = {
    "prompt": "hello",
    "history": [{"text": "before", "by": "ada"}],
    "max_tokens": 10**9,
    "stream": True,
}


def texts(value: Any) -> list[tuple[str, str, str]]:
    return [(text.where, text.value, text.provenance) for text in value.texts]


def test_it_is_a_format() -> None:
    own: Format = OWN
    assert (own.name, own.counting_request(BODY)) == ("json", None)


def test_a_request_is_for_the_model_of_the_route_and_never_streamed() -> None:
    exchange = OWN.read(BODY)
    assert (exchange.model, exchange.stream, exchange.body) == ("my-model", False, BODY)
    assert texts(exchange) == [
        ("/prompt", "hello", "user"),
        ("/history/0/text", "before", "user"),
        ("/history/0/by", "by", "unknown"),
        ("/history/0/by", "ada", "unknown"),
        ("/max_tokens", "max_tokens", "unknown"),
        ("/max_tokens", "1000000000", "unknown"),
        ("/stream", "stream", "unknown"),
    ]
    assert exchange.unknown_at == ("history", 0)


@pytest.mark.parametrize("body", [[], "text", None, 1])
def test_a_body_is_an_object(body: Any) -> None:
    with pytest.raises(BadRequest, match="the body must be an object"):
        OWN.read(body)
    with pytest.raises(UpstreamError, match="the answer is not an object"):
        OWN.read_answer(body)


def test_nothing_is_known_of_what_it_asks_but_how_much_it_says() -> None:
    said = OWN.read(BODY).parameters
    assert said.inexpressible == frozenset(PARAMETERS) - WORDLESS
    assert said.foreign == {"max_tokens", "stream"}
    assert {word: said.values[word] for word in sorted(WORDLESS)} == {
        "message_chars": (42,),
        "messages": (1,),
        "prompt_chars": (42,),
        "stream": (False,),
    }
    others = {word: said.values[word] for word in said.values if word not in WORDLESS}
    # What it holds it shows; but an endpoint of nobody's kind may fetch anything.
    assert others.pop("tainted") == (True,)
    assert set(others.values()) == {()}


def test_a_body_may_name_the_model_of_its_route_and_no_other() -> None:
    assert OWN.read({"model": "my-model", "prompt": "x"}).unknown_at is None
    assert OWN.read({"model": None}).texts == ()
    for model in ("other", "", 5, ["my-model"], {"name": "my-model"}, "my-model "):
        with pytest.raises(BadRequest, match=r"^/model must be the model of this route"):
            OWN.read({"model": model})
    with pytest.raises(BadRequest, match=r"^/model is spelt in another case"):
        OWN.read({"Model": "my-model"})


def test_attack_a_declared_text_called_model_is_left_as_it_is() -> None:
    cars = OwnJson("my-model", ["/model"], [])
    exchange = cars.read({"model": "Golf"})
    assert (exchange.body, texts(exchange)) == ({"model": "Golf"}, [("/model", "Golf", "user")])


def test_texts_are_rewritten_in_both_directions() -> None:
    changed = OWN.rewrite_request(BODY, {("history", 0, "text"): "later"})
    assert changed == {**BODY, "history": [{"text": "later", "by": "ada"}]}
    answer = {"output": ["a", {"k": "b"}], "more": "c"}
    assert texts(OWN.read_answer(answer)) == [
        ("/output/0", "a", "answer"),
        ("/output/1/k", "k", "answer"),
        ("/output/1/k", "b", "answer"),
        ("/more", "more", "answer"),
        ("/more", "c", "answer"),
    ]
    assert OWN.rewrite_answer(answer, {("output", 1, "k"): "x", ("more",): "y"}) == {
        "output": ["a", {"k": "x"}],
        "more": "y",
    }


def test_usage_model_and_ending_are_not_known() -> None:
    answer = OWN.read_answer({"output": "x", "usage": {"prompt_tokens": 5}, "model": "m"})
    assert (answer.usage, answer.model, answer.finish, answer.held_as) == (None, None, None, None)


def test_what_rules_demand_of_parameters_cannot_be_said() -> None:
    assert OWN.change_request(BODY, {}) == BODY
    for word in ("max_tokens", "tools", "system", "system_prefix"):
        with pytest.raises(PolicyDenied, match="cannot say what rules demand"):
            OWN.change_request(BODY, {word: 1})


def test_a_withheld_answer_keeps_what_is_declared_and_none_of_its_texts() -> None:
    answer = {"output": "secret", "secret key": "x", "id": "secret", "score": 0.5}
    assert OWN.withhold(answer) == {"output": ""}
    assert OWN.withhold({"other": "secret"}) == {}


def test_errors_are_in_openais_shape() -> None:
    error = OWN.error(403, "policy_denied", "no", "id")["error"]
    assert (error["message"], error["code"], error["param"]) == ("no", "policy_denied", None)


def test_it_has_no_streams() -> None:
    with pytest.raises(InternalFault):
        OWN.stream_reader()
