"""What a format does not know is refused where the policy says so, in words of ours alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from house import LEAN, House, build, chat

from gateway.steps.unknown_fields import unknown_field
from gateway.wire.formats import ANTHROPIC, OPENAI

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateway.errors import BadRequest
    from gateway.policy.decision import Decision

STRICT = LEAN.replace("capture: sealed", "capture: sealed, unknown_fields: refuse")
CANARY = "zanzibar-pelican"
PATH = "/v1/chat/completions"
SAID = "has a field or a value that the format of this route does not know"


def refused(decision: Decision, body: dict[str, Any]) -> BadRequest | None:
    return unknown_field(replace(decision, unknown_fields="refuse"), OPENAI.read(body))


def test_only_what_the_policy_refuses_is_refused(decision: Callable[..., Decision]) -> None:
    strange = chat("hi", **{CANARY: "x"})
    assert unknown_field(decision(), OPENAI.read(strange)) is None
    assert refused(decision(), chat("hi")) is None
    found = refused(decision(), strange)
    assert found is not None
    assert (found.status, found.code, found.reason) == (400, "bad_request", f"the body {SAID}")


@pytest.mark.parametrize("value", [CANARY, 1, None, True, {}, [], {CANARY: {CANARY: CANARY}}])
@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda value: {CANARY: value}, "the body"),
        (lambda value: {"messages": [{"role": "user", "content": "hi", CANARY: value}]},
         "/messages/0"),
        (lambda value: {"tools": [{"type": "function", "function": {"name": "f", CANARY: value}}]},
         "/tools/0/function"),
        (lambda value: {"messages": [{"role": "user", "content": [
            {"type": "text", "text": "hi"}, {"type": CANARY, "x": value}]}]},
         "/messages/0/content/1"),
        (lambda _: {"service_tier": f"{CANARY} or so"}, "/service_tier"),
        (lambda value: {"logit_bias": {f"{CANARY} or so": {f"{CANARY} so": value}}}, "/logit_bias"),
    ],
    ids=["top", "message", "tool", "part", "setting", "settings"],
)  # fmt: skip
def test_the_nearest_known_place_is_named_and_no_word_of_the_client(
    decision: Callable[..., Decision],
    change: Callable[[Any], dict[str, Any]],
    where: str,
    value: Any,
) -> None:
    found = refused(decision(), {**chat("hi"), **change(value)})
    assert found is not None
    assert found.reason == f"{where} {SAID}"
    assert found.message == f"{where} {SAID}; the policy refuses those."


@pytest.mark.parametrize("wire", [OPENAI, ANTHROPIC], ids=lambda one: one.name)
def test_bodies_of_fields_that_are_known_pass(decision: Callable[..., Decision], wire: Any) -> None:
    tools = {
        "openai": [{"type": "function", "function": {"name": "f", "parameters": {"a b": "c d"}}}],
        "anthropic": [{"name": "f", "input_schema": {"a b": "c d"}}],
    }
    body = chat("hi", max_tokens=10, temperature=0.5, stream=True, tools=tools[wire.name])
    strict = replace(decision(), unknown_fields="refuse")
    assert unknown_field(strict, wire.read(body)) is None


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build(tmp_path_factory.mktemp("strict"), policy=STRICT) as house:
        yield house


def test_a_refusal_is_a_recorded_denial_that_reaches_no_upstream(strict: House) -> None:
    seen = len(strict.demo.seen)
    answer = strict.client("analyst").post(PATH, json=chat("hi", **{CANARY: CANARY}))
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad_request"
    assert answer.headers["x-gateway-decision"] == "deny"
    (record,) = strict.records_of(answer.headers["x-gateway-event"])
    assert record["error"] == f"bad_request: the body {SAID}"
    assert (record["decision"], record.get("coverage")) == ("deny", None)
    assert CANARY not in answer.text + str(record)
    assert len(strict.demo.seen) == seen


def test_who_is_denied_is_not_told_what_is_unknown(strict: House) -> None:
    answer = strict.client("auditor").post(PATH, json=chat("hi", **{CANARY: CANARY}))
    assert answer.status_code == 403


def test_what_is_known_passes(strict: House) -> None:
    assert strict.client("analyst").post(PATH, json=chat("hi", n=1)).status_code == 200
