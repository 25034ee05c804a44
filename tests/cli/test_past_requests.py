"""The requests of the past, from the records of the audit log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from examples import MODEL, OWN

from gateway.audit.keys import create_keys, load_auditor, load_recipient, load_signer
from gateway.audit.ledger import Item, Keys, Ledger
from gateway.audit.opener import Opener
from gateway.audit.record import Actor, Record
from gateway.cli.past_requests import LEFT_OUT, past_requests
from gateway.policy.past import Past

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateway.wire.formats import Route

PROMPT = '{"model": "m", "n": 2, "messages": [{"role": "user", "content": "canary"}]}'
ANSWER = '{"choices": [{"message": {"role": "assistant", "content": "its answer"}}]}'
OUTCOME = Record(
    stage="outcome",
    request="one",
    actor=Actor("ada", "https://id.example", ("analyst", "staff")),
    route="chat.completions",
    format="openai",
    model="m",
    decision="allow",
    rules=("chat",),
    status=200,
)


@dataclass(frozen=True)
class Log:
    store: str
    ledger: Ledger
    opener: Opener

    def add(self, record: Record, content: Any = None, **changes: Any) -> None:
        sealed = None if content is None else orjson.dumps(content)
        made = Record(**{
            name: getattr(record, name)
            for name in ("stage", "request", "actor", "route", "format", "model", "decision",
                         "rules", "status")
        })  # fmt: skip
        self.ledger.commit([Item(replace(made, **changes), sealed)])

    def read(
        self,
        opener: Opener | None = None,
        since: int | None = None,
        roles: str | None = None,
        own: tuple[Route, ...] = (),
    ) -> list[Past | str]:
        return list(past_requests(self.store, since, opener, lambda _issuer: roles, own))


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    create_keys(tmp_path / "keys", "log.example")
    keys = tmp_path / "keys"
    made = Keys(load_signer(keys / "log.key"), (load_recipient(keys / "auditor.pub"),))
    store = f"sqlite:///{tmp_path}/audit.db"
    ledger = Ledger(store, made, 1.0)
    yield Log(store, ledger, Opener(load_auditor(keys / "auditor.key")))
    ledger._drop()


def call(log: Log, prompt: object = PROMPT, answer: object = ANSWER, **changes: Any) -> None:
    """The two records of one request."""
    sealed = {"claims": {"groups": ["analyst"]}, "matched": []}
    intent = {**sealed, "prompt": prompt} if prompt is not None else None
    log.add(OUTCOME, intent, stage="intent", status=None, **changes)
    log.add(OUTCOME, {**sealed, "answer": answer}, **changes)


def test_a_request_is_what_its_two_records_tell(log: Log) -> None:
    call(log)
    assert log.read() == [
        Past("ada", ("analyst", "staff"), "chat.completions", "m", "allow", ("chat",), None)
    ]


def test_with_a_key_it_has_its_texts_parameters_and_claims(log: Log) -> None:
    call(log)
    (found,) = log.read(log.opener)
    assert isinstance(found, Past)
    assert found.content is not None
    assert found.content.texts == (("user", "canary"), ("answer", "its answer"))
    assert found.content.parameters.values["n"] == (2,)
    assert found.content.claims == {"groups": ["analyst"]}
    assert found.content.token_roles is None
    (found,) = log.read(log.opener, roles="groups")
    assert isinstance(found, Past)
    assert found.content is not None
    assert found.content.token_roles == ("analyst",)


def test_a_route_of_ones_own_is_read_as_the_settings_say(log: Log) -> None:
    changes = {"route": OWN.name, "format": "json", "model": MODEL}
    call(log, prompt='{"prompt": "canary", "x": 1}', answer='{"output": "told"}', **changes)
    (found,) = log.read(log.opener, own=(OWN,))
    assert isinstance(found, Past)
    assert found.content is not None
    assert found.content.texts == (("user", "canary"), ("unknown", "x"), ("answer", "told"))
    assert log.read(log.opener) == [LEFT_OUT["unread"]]
    (closed,) = log.read()
    assert isinstance(closed, Past)


@pytest.mark.parametrize("stream", [True, False])
def test_a_stream_that_the_path_asked_for_is_one(log: Log, stream: bool) -> None:  # noqa: FBT001 - as a record has it
    changes = {"route": "generate_content", "format": "gemini", "stream": stream}
    answer = {"candidates/0/text": "told"} if stream else '{"candidates": []}'
    call(log, prompt='{"contents": {"parts": {"text": "canary"}}}', answer=answer, **changes)
    (found,) = log.read(log.opener)
    assert isinstance(found, Past)
    assert found.content is not None
    assert found.content.texts[0] == ("user", "canary")
    assert found.content.parameters.values["stream"] == (stream,)


def test_an_answer_that_was_streamed_is_read_by_its_channels(log: Log) -> None:
    call(log, answer={"0/content": "one", "0/refusal": "two"})
    (found,) = log.read(log.opener)
    assert isinstance(found, Past)
    assert found.content is not None
    assert found.content.texts[1:] == (("answer", "one"), ("answer", "two"))


def test_a_request_that_was_blocked_has_its_prompt_in_its_only_record(log: Log) -> None:
    log.add(OUTCOME, {"claims": {}, "prompt": PROMPT}, decision="block", status=400)
    (found,) = log.read(log.opener)
    assert isinstance(found, Past)
    assert found.content is not None
    assert (found.verdict, found.content.texts) == ("block", (("user", "canary"),))


def test_what_it_was_made_to_say_is_known(log: Log) -> None:
    changes = {"max_tokens": 5, "tools": ["a"]}
    log.add(OUTCOME, {"claims": {}, "prompt": PROMPT, "changes": changes}, stage="intent")
    (found,) = log.read(log.opener)
    assert isinstance(found, Past)
    assert found.content is not None
    assert found.content.changes == {"max_tokens": 5, "tools": ("a",)}


def test_a_request_without_an_outcome_is_one_too(log: Log) -> None:
    log.add(OUTCOME, {"claims": {}, "prompt": PROMPT}, stage="intent", status=None)
    (found,) = log.read()
    assert isinstance(found, Past)


def test_requests_that_overlap_are_kept_apart(log: Log) -> None:
    log.add(OUTCOME, stage="intent", request="one", model="m1", status=None)
    log.add(OUTCOME, stage="intent", request="two", model="m2", status=None)
    log.add(OUTCOME, request="two", model="m2")
    log.add(OUTCOME, request="one", model="m1")
    assert [one.model for one in log.read() if isinstance(one, Past)] == ["m2", "m1"]


def test_a_policy_that_kept_nothing_leaves_role_route_and_model(log: Log) -> None:
    log.add(OUTCOME)
    (found,) = log.read(log.opener)
    assert isinstance(found, Past)
    assert found.content is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"decision": "deny", "status": 401, "actor": None}, "unasked"),
        ({"decision": "deny", "status": 400, "model": None}, "unasked"),
        ({"decision": "deny", "status": 404, "route": None}, "unasked"),
        ({"decision": "deny", "status": 429}, "unasked"),
        ({"decision": "deny", "status": 400}, "strange"),
        ({"decision": "allow", "route": "models", "model": None}, "models"),
        ({"model": "m" * 500}, "cut"),
        ({"actor": Actor("ada", None, tuple(f"r{number}" for number in range(400)))}, "cut"),
    ],
)
def test_what_cannot_be_asked_anew_says_why(log: Log, changes: dict[str, Any], why: str) -> None:
    log.add(OUTCOME, **changes)
    assert log.read() == [LEFT_OUT[why]]


@pytest.mark.parametrize(
    ("content", "changes", "why"),
    [
        ({"claims": {}, "prompt": "{"}, {}, "unread"),
        ({"claims": {}, "prompt": "[]"}, {}, "unread"),
        ({"claims": {}, "prompt": '{"messages": 1}'}, {}, "unread"),
        ({"claims": {}, "prompt": PROMPT}, {"route": "embeddings"}, "unread"),
        ({"claims": {}, "prompt": PROMPT, "answer": '{"choices": 1}'}, {}, "unread"),
        ({"claims": {}, "answer": ANSWER}, {}, "earlier"),
    ],
)
def test_what_was_sealed_and_cannot_be_read_says_why(
    log: Log, content: object, changes: dict[str, Any], why: str
) -> None:
    log.add(OUTCOME, content, **changes)
    assert log.read(log.opener) == [LEFT_OUT[why]]


def test_another_key_opens_nothing(log: Log) -> None:
    call(log)
    stranger = Opener(X25519PrivateKey.generate())
    assert log.read(stranger) == [LEFT_OUT["closed"]]


def test_what_was_erased_is_not_asked_again(log: Log) -> None:
    call(log)
    with log.ledger._ready().work() as work:
        work.run("DELETE FROM salts")
    assert log.read(log.opener) == [LEFT_OUT["erased"]]
    assert isinstance(log.read()[0], Past)


def test_records_before_the_time_are_not_looked_at(log: Log) -> None:
    call(log)
    assert log.read(since=2**47) == []


def test_nothing_that_was_sealed_is_in_a_repr(log: Log) -> None:
    call(log)
    assert "canary" not in repr(log.read(log.opener))
    assert "its answer" not in repr(log.read(log.opener))
