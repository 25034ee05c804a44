"""Hostile heads and bodies as bytes on a socket: refused, recorded, and never passed on."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson
import pytest
from house import LEAN, House, build, chat
from raw_http import RawAnswer, connect, head

if TYPE_CHECKING:
    from collections.abc import Iterator

CORPUS: Final[list[dict[str, Any]]] = tomllib.loads(
    (Path(__file__).parent.parent / "ingress" / "corpus.toml").read_text()
)["bad"]
CHAT: Final = "/v1/chat/completions"
_HOST_UNKNOWN: Final = "host-unknown"
BODY: Final = orjson.dumps(chat("hello"))


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    limits = {"limits: {": "limits: {body_timeout: 1s, "}
    with build(tmp_path_factory.mktemp("gate"), edit=limits, policy=LEAN) as house:
        yield house


def wire_bytes(case: dict[str, Any]) -> bytes:
    fill = case.get("fill", 0)
    lines = [case["line"]]
    for line in case["headers"]:
        lines += [f"X-{n}: 1" for n in range(fill)] if line == "@lines@" else [line]
    return "\r\n".join((*lines, "", "")).replace("@@", "a" * fill).encode("latin-1")


def with_token(case: dict[str, Any], token: str) -> bytes:
    """The head as an attacker with a good token would send it: only the attack is wrong."""
    data = wire_bytes(case)
    if b"uthorization:" in data or b"pi-Key:" in data:
        return data
    line, _, rest = data.partition(b"\r\n")
    return line + b"\r\nAuthorization: Bearer " + token.encode() + b"\r\n" + rest


# Which names are the gateway's own is the operator's choice, and nothing to smuggle.
HOSTILE: Final = [case for case in CORPUS if case["rule"] != _HOST_UNKNOWN]


@pytest.mark.parametrize("case", HOSTILE, ids=[case["name"] for case in HOSTILE])
def test_hostile_head_is_refused_and_never_passed_on(gate: House, case: dict[str, Any]) -> None:
    seen = len(gate.demo.seen)
    with connect(gate.url, timeout=5) as connection:
        connection.send(with_token(case, gate.token("analyst")))
        answer = connection.answer()
    assert len(gate.demo.seen) == seen
    assert answer is not None
    assert 400 <= answer.status < 500
    event = answer.headers.get("x-gateway-event")
    if event is None:
        assert answer.body == b"Invalid HTTP request received."
        return
    outcome = gate.records_of(event)[-1]
    assert outcome["status"] == answer.status
    if case.get("shown", True):
        assert outcome["error"].split(": ")[1] == case["rule"]


def smuggled(gate: House) -> bytes:
    """A second request, good in itself, that only a confused server would run."""
    length = f"content-length: {len(BODY)}"
    return head(CHAT, gate.token("analyst", subject="smuggler"), length) + BODY


def send_all(gate: House, data: bytes) -> list[RawAnswer]:
    with connect(gate.url, timeout=5) as connection:
        connection.send(data)
        return connection.answers()


def assert_not_run(gate: House, seen: int) -> None:
    assert len(gate.demo.seen) == seen
    assert gate.events(actor="smuggler") == []


@pytest.mark.parametrize(
    "lines",
    [
        ("content-length: 4", "transfer-encoding: chunked"),
        ("transfer-encoding: chunked", "content-length: 4"),
        ("content-length: 0", "content-length: 500"),
        ("transfer-encoding: chunked", "transfer-encoding: identity"),
        ("transfer-encoding: identity", "content-length: 0"),
        ("transfer-encoding: xchunked", "content-length: 0"),
        ("transfer-encoding:\x0bchunked", "content-length: 0"),
        ("transfer-encoding : chunked", "content-length: 0"),
        ("content-length: +0",),
        ("content-length: 0, 0",),
        ("x: y\ntransfer-encoding: chunked", "content-length: 0"),
    ],
)
def test_smuggled_second_request_is_never_run(gate: House, lines: tuple[str, ...]) -> None:
    seen = len(gate.demo.seen)
    first = head(CHAT, gate.token("analyst"), *lines)
    answers = send_all(gate, first + b"0\r\n\r\n" + smuggled(gate))
    assert all(400 <= answer.status < 500 for answer in answers)
    assert len(answers) <= 1
    assert_not_run(gate, seen)


def test_smuggled_request_in_the_body_of_a_refused_one_is_never_run(gate: House) -> None:
    seen = len(gate.demo.seen)
    inner = smuggled(gate)
    outer = head(CHAT, "", f"content-length: {len(inner)}") + inner
    answers = send_all(gate, outer)
    assert [answer.status for answer in answers] == [401]
    assert_not_run(gate, seen)


def test_smuggled_request_behind_a_get_with_a_body_is_never_run(gate: House) -> None:
    seen = len(gate.demo.seen)
    inner = smuggled(gate)
    length = f"content-length: {len(inner)}"
    outer = head("/v1/models", gate.token("analyst"), length, method="GET") + inner
    assert [answer.status for answer in send_all(gate, outer)] == [400]
    assert_not_run(gate, seen)


@pytest.mark.parametrize("chunk", [b"5;a=\n\r\nhello\r\n", b"0x5\r\nhello\r\n", b"-1\r\n\r\n",
                                   b"5\r\nhelloXX\r\n", b"ffffffffffffffff1\r\n"])  # fmt: skip
def test_malformed_chunks_end_the_connection(gate: House, chunk: bytes) -> None:
    seen = len(gate.demo.seen)
    first = head(CHAT, gate.token("analyst"), "transfer-encoding: chunked")
    answers = send_all(gate, first + chunk + b"0\r\n\r\n" + smuggled(gate))
    assert all(400 <= answer.status < 500 for answer in answers)
    assert_not_run(gate, seen)


def test_two_good_requests_on_one_connection_are_both_answered(gate: House) -> None:
    """What the tests above rely on: a second request is not refused for being the second."""
    length = f"content-length: {len(BODY)}"
    both = (head(CHAT, gate.token("analyst"), length) + BODY) * 2
    with connect(gate.url, timeout=5) as connection:
        connection.send(both)
        first, second = connection.answer(), connection.answer()
    assert first is not None
    assert second is not None
    assert (first.status, second.status) == (200, 200)


@pytest.mark.parametrize("name", ["authorization", "x-api-key"])
def test_trailer_with_a_late_token_changes_nothing(gate: House, name: str) -> None:
    late = gate.token("analyst", subject="smuggler")
    value = f"Bearer {late}" if name == "authorization" else late
    chunked = b"%x\r\n%b\r\n0\r\n" % (len(BODY), BODY)
    trailer = f"{name}: {value}\r\n\r\n".encode()
    seen = len(gate.demo.seen)
    lines = ("transfer-encoding: chunked", f"trailer: {name}")
    without = send_all(gate, head(CHAT, "", *lines) + chunked + trailer)
    assert [answer.status for answer in without] == [401]
    assert_not_run(gate, seen)
    with connect(gate.url, timeout=5) as connection:
        connection.send(head(CHAT, gate.token("analyst", subject="early"), *lines))
        connection.send(chunked + trailer)
        answer = connection.answer()
    assert answer is not None
    assert answer.status == 200
    event = answer.headers["x-gateway-event"]
    assert gate.records_of(event)[-1]["actor"]["subject"] == "early"
    assert late not in str(gate.demo.seen[-1].headers)


def test_slowloris_body_is_cut_by_the_deadline(gate: House) -> None:
    seen, began = len(gate.demo.seen), time.monotonic()
    with connect(gate.url, timeout=5) as connection:
        connection.send(head(CHAT, gate.token("analyst"), "content-length: 1000"))
        while time.monotonic() - began < 1.5:
            connection.send(b" ")
            time.sleep(0.1)
        answer = connection.answer()
        assert answer is not None
        assert answer.status == 408
        assert connection.rest() == b""
    assert len(gate.demo.seen) == seen
    assert gate.records_of(answer.headers["x-gateway-event"])[-1]["status"] == 408


@pytest.mark.parametrize(
    "target", ["http://gateway.test/v1/chat/completions", "https://evil.test/v1/models",
               "gateway.test:443", "*", "http://127.0.0.1/gateway/health/live"]
)  # fmt: skip
def test_only_origin_form_targets_are_served(gate: House, target: str) -> None:
    seen = len(gate.demo.seen)
    for method in ("GET", "POST"):
        request = head(target, gate.token("analyst"), "content-length: 0", method=method)
        with connect(gate.url, timeout=5) as connection:
            connection.send(request)
            answer = connection.answer()
        assert answer is None or answer.status == 400
    assert len(gate.demo.seen) == seen


@pytest.mark.parametrize("path", ["/gateway/whoami", "/gateway/audit/events", "/gateway/nothing"])
def test_the_control_plane_has_the_same_guard(gate: House, path: str) -> None:
    token = gate.token("auditor")
    for lines in (("host: evil.test",), ("x_role: admin",), ("x-api-key: " + token,)):
        answers = send_all(gate, head(path, token, "connection: close", *lines, method="GET"))
        assert [answer.status for answer in answers] in ([400], [401])
    dotted = send_all(gate, head("/gateway/../v1/models", token, method="GET"))
    assert [answer.status for answer in dotted] == [400]


def test_client_that_leaves_in_the_middle_of_its_body_is_recorded(gate: House) -> None:
    seen = len(gate.demo.seen)
    with connect(gate.url) as connection:
        token = gate.token("analyst", subject="leaver")
        connection.send(head(CHAT, token, "content-length: 1000") + BODY)
    deadline = time.monotonic() + 5
    while not (found := gate.events(actor="leaver")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert (found[0]["error"], found[0]["status"]) == ("client_gone", 499)
    assert len(gate.demo.seen) == seen
