"""Every refusal: its status, code and shape, its headers, and its record with the true reason."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

import orjson
import pytest
from bad_tokens import BAD_TOKENS, bad_token
from house import LEAN, House, build, chat
from raw_http import connect, head

from gateway.demo.reply import DemoReply, DemoRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

PATHS: Final = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages"}
CANARY: Final = "zanzibar-pelican"
BODY_LIMIT: Final = 64 * 1024


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A gateway that takes small bodies, in front of a model that is as slow as it is asked."""

    def reply(request: DemoRequest) -> DemoReply:
        return DemoReply("late", delay=5.0 if "be slow" in request.last.text else 0.0)

    policy = LEAN.replace('"demo-*"', '"demo-*", "ghost-*"')
    limits = {"limits: {body: 10MiB, headers: 32KiB, upstream_timeout: 600s": "limits: {body: "
              "64KiB, headers: 32KiB, body_timeout: 1s, upstream_timeout: 300ms"}  # fmt: skip
    with build(tmp_path_factory.mktemp("small"), reply, edit=limits, policy=policy) as house:
        yield house


@pytest.fixture(params=PATHS)
def wire(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def ask(text: str = CANARY, **more: Any) -> dict[str, Any]:
    return chat(text, max_tokens=16, **more)


def check(
    house: House, wire: str, answer: httpx.Response, status: int, code: str
) -> dict[str, Any]:
    """An answer is a refusal in its format's shape; gives the record of it."""
    assert (answer.status_code, code_of(wire, answer.json(), status)) == (status, code)
    assert CANARY not in answer.text
    event = answer.headers["x-gateway-event"]
    outcome = house.records_of(event)[-1]
    assert answer.headers["x-gateway-decision"] == outcome["decision"]
    assert ("server-timing" in answer.headers) == (status != 401)
    assert (outcome["stage"], outcome["status"]) == ("outcome", status)
    assert outcome["error"].startswith(f"{code}: ")
    text = orjson.dumps(outcome).decode()
    assert CANARY not in text
    assert "eyJ" not in text
    return outcome


def code_of(wire: str, body: dict[str, Any], status: int) -> str:
    """The code of an error body, once all of its shape is right."""
    error = body["error"]
    assert isinstance(error["message"], str)
    assert error["message"]
    if wire == "openai":
        assert set(body) == {"error"}
        assert set(error) == {"message", "type", "param", "code"}
        return str(error["code"])
    assert body["type"] == "error"
    assert error["type"] == ANTHROPIC_TYPES[status]
    return str(error.get("code"))


ANTHROPIC_TYPES: Final = {
    400: "invalid_request_error", 401: "authentication_error", 403: "permission_error",
    404: "not_found_error", 405: "invalid_request_error",
    408: "invalid_request_error", 413: "request_too_large", 415: "invalid_request_error",
    502: "api_error", 503: "api_error",
    504: "timeout_error",
}  # fmt: skip


def test_no_token_is_401(house: House, wire: str) -> None:
    answer = house.client().post(PATHS[wire], json=ask())
    outcome = check(house, wire, answer, 401, "unauthenticated")
    assert outcome["error"] == "unauthenticated: no token"
    assert outcome["actor"] is None
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("wrong", BAD_TOKENS)
def test_each_bad_token_is_401_and_only_the_record_says_why(
    house: House, wire: str, wrong: str
) -> None:
    seen = len(house.demo.seen)
    token = bad_token(house, wrong)
    bearer = {"authorization": f"Bearer {token}"}
    answer = house.client().post(PATHS[wire], json=ask(), headers=bearer)
    outcome = check(house, wire, answer, 401, "unauthenticated")
    reason = {"garbage": "malformed"}.get(wrong, wrong)
    assert outcome["error"].startswith(f"unauthenticated: {reason}")
    assert token[:16] not in str(outcome)
    assert len(house.demo.seen) == seen


def test_every_401_is_the_same_to_the_byte(house: House, wire: str) -> None:
    headers: list[dict[str, str]] = [{}, {"x-api-key": "k", "authorization": "Bearer k"}]
    headers += [{"authorization": f"Bearer {bad_token(house, wrong)}"} for wrong in BAD_TOKENS]
    headers += [{"authorization": "Basic eDp5"}, {"api-key": "x" * 8192}]
    client = house.client()
    answers = [client.post(PATHS[wire], json=ask(), headers=one) for one in headers]
    assert {answer.status_code for answer in answers} == {401}
    changing = {"x-gateway-event", "date"}
    told = {
        (
            answer.content.replace(answer.headers["x-gateway-event"].encode(), b"ID"),
            tuple(pair for pair in answer.headers.items() if pair[0] not in changing),
        )
        for answer in answers
    }
    assert len(told) == 1


def test_a_role_that_may_not_is_403(house: House, wire: str) -> None:
    answer = house.client("auditor").post(PATHS[wire], json=ask())
    outcome = check(house, wire, answer, 403, "policy_denied")
    assert outcome["decision"] == "deny"
    assert outcome["actor"]["roles"] == ["auditor"]


def test_a_deny_rule_gives_its_reason(house: House, wire: str) -> None:
    client = house.client("developer", employment="contractor")
    answer = client.post(PATHS[wire], json=ask(model="demo-large"))
    outcome = check(house, wire, answer, 403, "policy_denied")
    assert "contractors may use the small models only" in answer.text
    assert "contractors-not-large" in outcome["rules"]


def test_blocked_content_is_400_and_names_scanner_and_entity(house: House, wire: str) -> None:
    text = f"{CANARY}: my card is 4111 1111 1111 1111"
    answer = house.client("analyst").post(PATHS[wire], json=ask(text))
    outcome = check(house, wire, answer, 400, "content_blocked")
    assert outcome["decision"] == "block"
    assert "pii" in answer.text
    assert "CREDIT_CARD" in answer.text
    assert "4111 1111" not in answer.text + str(outcome)


def test_a_model_that_no_upstream_serves_is_404(small: House, wire: str) -> None:
    answer = small.client("analyst").post(PATHS[wire], json=ask(model="ghost-1"))
    outcome = check(small, wire, answer, 404, "not_found")
    assert (outcome["model"], outcome["upstream"]) == ("ghost-1", None)


def test_an_unknown_path_is_404(house: House, wire: str) -> None:
    path = {"openai": "/v1/images/generations", "anthropic": "/v1/messages/batches"}[wire]
    answer = house.client("analyst").post(path, json=ask())
    check(house, wire, answer, 404, "not_found")


def test_another_method_is_405(house: House, wire: str) -> None:
    answer = house.client("analyst").get(PATHS[wire])
    check(house, wire, answer, 405, "method_not_allowed")


def test_bug_a_405_did_not_say_which_methods_there_are(house: House, wire: str) -> None:
    client = house.client("analyst")
    assert client.get(PATHS[wire]).headers["allow"] == "POST"
    assert client.delete(PATHS[wire]).headers["allow"] == "POST"
    assert client.post("/v1/models", json={}).headers["allow"] == "GET"
    assert client.put("/v1/models", json={}).headers["allow"] == "GET"


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "application/json", "content-encoding": "gzip"},
    ],
)
def test_another_type_of_body_is_415(house: House, wire: str, headers: dict[str, str]) -> None:
    seen = len(house.demo.seen)
    content = orjson.dumps(ask())
    answer = house.client("analyst").post(PATHS[wire], content=content, headers=headers)
    check(house, wire, answer, 415, "unsupported_media_type")
    assert len(house.demo.seen) == seen


def test_a_slow_upstream_is_504(small: House, wire: str) -> None:
    answer = small.client("analyst").post(PATHS[wire], json=ask("be slow"))
    outcome = check(small, wire, answer, 504, "upstream_timeout")
    assert outcome["upstream"] == "demo"


def test_a_declared_length_beyond_the_limit_is_413_before_the_body(small: House, wire: str) -> None:
    with connect(small.url) as connection:
        length = f"content-length: {BODY_LIMIT + 1}"
        connection.send(head(PATHS[wire], small.token("analyst"), length))
        answer = connection.answer()
    assert answer is not None
    assert (answer.status, code_of(wire, answer.json, 413)) == (413, "too_large")
    assert answer.headers["connection"] == "close"
    assert small.records_of(answer.headers["x-gateway-event"])[-1]["status"] == 413


def test_chunks_beyond_the_limit_are_413(small: House, wire: str) -> None:
    seen = len(small.demo.seen)
    with connect(small.url) as connection:
        connection.send(head(PATHS[wire], small.token("analyst"), "transfer-encoding: chunked"))
        for _ in range(BODY_LIMIT // 4096 + 1):
            connection.send(b"1000\r\n" + b" " * 4096 + b"\r\n")
        answer = connection.answer()
    assert answer is not None
    assert (answer.status, code_of(wire, answer.json, 413)) == (413, "too_large")
    assert len(small.demo.seen) == seen


def test_an_upstream_that_is_not_there_is_502(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("nowhere")
    with build(folder, upstream="http://127.0.0.1:9", policy=LEAN) as house:
        for wire, path in PATHS.items():
            answer = house.client("analyst").post(path, json=ask())
            outcome = check(house, wire, answer, 502, "upstream_error")
            assert outcome["upstream"] == "demo"
            answer = house.client("analyst").post(path, json=ask(stream=True))
            check(house, wire, answer, 502, "upstream_error")


def _message(content: bytes) -> bytes:
    return b'{"model":"demo-small","max_tokens":9,"messages":[%b]}' % content


_GOOD: Final = _message(b'{"role":"user","content":"zanzibar-pelican"}')
BODIES: Final = {
    "empty": b"",
    "not JSON": b"zanzibar-pelican",
    "cut off": _GOOD[:-1],
    "two values": _GOOD + _GOOD,
    "single quotes": _GOOD.replace(b'"', b"'"),
    "a comment": b"/* zanzibar-pelican */" + _GOOD,
    "a trailing comma": _GOOD[:-1] + b",}",
    "a model twice": b'{"model":"demo-large",' + _GOOD[1:],
    "a content twice": _message(b'{"role":"user","content":"x","content":"zanzibar-pelican"}'),
    "a key twice by an escape": b'{"mod\\u0065l":"demo-large",' + _GOOD[1:],
    "a key in another case": b'{"Messages":[],' + _GOOD[1:],
    "65 deep": _message(b'{"role":"user","content":"x","a":' + b"[" * 65 + b"]" * 65 + b"}"),
    "20000 deep": b"[" * 20000,
    "UTF-16": _GOOD.decode().encode("utf-16"),
    "Latin-1": _GOOD.replace(b"zanzibar", b"\xe9t\xe9"),
    "overlong UTF-8": _GOOD.replace(b"zanzibar", b"\xc0\xaf"),
    "a surrogate in UTF-8": _GOOD.replace(b"zanzibar", b"\xed\xa0\x80"),
    "a byte-order mark": b"\xef\xbb\xbf" + _GOOD,
    "a lone surrogate": _GOOD.replace(b"zanzibar", b"\\ud800"),
    "surrogates in the wrong order": _GOOD.replace(b"zanzibar", b"\\udc00\\ud800"),
    "a raw control character": _GOOD.replace(b"zanzibar", b"\x00"),
    "NaN": b'{"temperature":NaN,' + _GOOD[1:],
    "Infinity": b'{"temperature":-Infinity,' + _GOOD[1:],
    "a number that overflows": b'{"temperature":1e400,' + _GOOD[1:],
    "a huge integer": b'{"seed":' + b"9" * 5000 + b"," + _GOOD[1:],
    "an integer beyond 64 bits": b'{"seed":18446744073709551616,' + _GOOD[1:],
    "an array at the top": b"[" + _GOOD + b"]",
    "a text at the top": b'"zanzibar-pelican"',
    "null at the top": b"null",
    "a number at the top": b"1",
    "no model": b'{"messages":[]}',
    "a model of the wrong type": _GOOD.replace(b'"demo-small"', b"7"),
    "an empty model": _GOOD.replace(b"demo-small", b""),
    "no messages": b'{"model":"demo-small","max_tokens":9}',
    "messages that are a text": _message(b"").replace(b"[]", b'"zanzibar-pelican"'),
    "messages that are an object": _message(b"").replace(b"[]", b'{"0":"zanzibar-pelican"}'),
    "a message that is a text": _message(b'"zanzibar-pelican"'),
    "a message that is null": _message(b"null"),
    "a content that is a number": _message(b'{"role":"user","content":7}'),
    "a content that is an object": _message(b'{"role":"user","content":{"text":"x"}}'),
    "a part that is a number": _message(b'{"role":"user","content":[7]}'),
    "a text that is a list": _message(
        b'{"role":"user","content":[{"type":"text","text":["zanzibar-pelican"]}]}'
    ),
    "a role that is a number": _message(b'{"role":7,"content":"zanzibar-pelican"}'),
    "a stream that is a text": b'{"stream":"true",' + _GOOD[1:],
    "a stream that is a number": b'{"stream":1,' + _GOOD[1:],
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_a_malformed_body_is_400_and_never_forwarded(small: House, wire: str, name: str) -> None:
    seen = len(small.demo.seen)
    headers = {"content-type": "application/json"}
    client = small.client("analyst")
    answer = client.post(PATHS[wire], content=BODIES[name], headers=headers)
    outcome = check(small, wire, answer, 400, "bad_request")
    assert answer.headers["connection"] == "close"
    assert len(outcome["error"]) > len("bad_request: ")
    assert len(small.demo.seen) == seen


def test_a_body_shorter_than_declared_is_never_forwarded(small: House, wire: str) -> None:
    seen = len(small.demo.seen)
    with connect(small.url) as connection:
        length = f"content-length: {len(_GOOD) + 100}"
        connection.send(head(PATHS[wire], small.token("analyst"), length) + _GOOD)
        answer = connection.answer()
    assert answer is not None
    assert (answer.status, code_of(wire, answer.json, 408)) == (408, "request_timeout")
    assert len(small.demo.seen) == seen


def test_random_bytes_are_never_a_500(small: House, wire: str) -> None:
    client = small.client("analyst")
    headers = {"content-type": "application/json"}
    for size in (1, 16, 256, 4096):
        answer = client.post(PATHS[wire], content=os.urandom(size), headers=headers)
        assert answer.status_code == 400
