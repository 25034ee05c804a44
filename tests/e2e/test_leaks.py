"""Canaries in every text that passes, and then a search for them wherever they must not be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import httpx
import orjson
import pytest
from click.testing import CliRunner
from house import NO_TLS, chat
from process import Served, make_home, serve_process

from gateway.cli import main
from gateway.demo.model_server import demo_app
from gateway.demo.reply import DemoReply, DemoRequest, ToolCall
from gateway.demo.running import serve
from gateway.identity.issuer import issue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

    from gateway.settings import Settings

OPENAI: Final = "/v1/chat/completions"
ANTHROPIC: Final = "/v1/messages"
CARD: Final = "4012 8888 8888 1881"
CANARIES: Final = (
    "canary-prompt", "canary-system", "canary-answer", "canary-tool-result", "canary-argument",
    "canary-description", "canary-thinking", "canary-malformed", "canary-claim", "canary-denied",
    "canary.match@example.com", "canary-error-of-the-upstream", "canary-cut", "canary-blocked",
    "canary-route", CARD,
)  # fmt: skip


@dataclass
class Traffic:
    """What was sent, and what came back."""

    served: Served
    settings: Settings
    home: Path
    tokens: list[str] = field(default_factory=list)
    told: list[bytes] = field(default_factory=list)
    events: dict[str, str] = field(default_factory=dict)

    def token(self, *roles: str, **claims: Any) -> str:
        token = issue(
            self.settings.identity.issuers[0], roles=roles, subject="ada",
            claims={"team": "canary-claim", **claims}, ttl=600,
        )  # fmt: skip
        self.tokens.append(token)
        return token

    def get(self, path: str, *roles: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token(*roles)}"}
        return httpx.get(self.served.url + path, headers=headers, trust_env=False, verify=NO_TLS)

    def post(self, name: str, path: str, body: Any, token: str | None = None) -> httpx.Response:
        headers = {"authorization": f"Bearer {token or self.token('analyst')}"}
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        headers["content-type"] = "application/json"
        answer = httpx.post(
            self.served.url + path,
            content=content,
            headers=headers,
            timeout=20,
            trust_env=False,
            verify=NO_TLS,
        )  # fmt: skip
        self.events[name] = answer.headers["x-gateway-event"]
        if not answer.is_success:
            self.told.append(answer.content)
        self.told.append(str(answer.headers).encode())
        return answer


def reply(request: DemoRequest) -> DemoReply:
    asked = request.last.text
    if "fail" in asked:
        return DemoReply("canary-error-of-the-upstream", status=500)
    if "nonsense" in asked:
        return DemoReply(raw=(b"<p>canary-error-of-the-upstream</p>",), content_type="text/html")
    if "break" in asked:
        return DemoReply(("canary-cut ", "and ", "so ", "on"), cut=2)
    if "card" in asked:
        return DemoReply(("It is 4012 ", "8888 8888", " 1881."))
    return DemoReply(
        ("canary-answer ", "for canary.", "match@exam", "ple.com"),
        thinking=("canary-thinking",),
        tool_calls=(ToolCall("send", {"to": "canary-argument"}),),
    )


def tool_talk() -> dict[str, Any]:
    """A conversation with a tool's definition, call and result."""
    function = {
        "name": "send",
        "description": "canary-description",
        "parameters": {"type": "object", "properties": {"to": {"description": "canary-system"}}},
    }
    call = {"name": "send", "arguments": '{"to":"canary-argument"}'}
    body = chat("canary-prompt", tools=[{"type": "function", "function": function}])
    body["messages"] += [
        {"role": "assistant", "content": None,
         "tool_calls": [{"id": "c", "type": "function", "function": call}]},
        {"role": "tool", "tool_call_id": "c", "content": "canary-tool-result"},
    ]  # fmt: skip
    return body


@pytest.fixture(scope="module")
def traffic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traffic]:
    home = tmp_path_factory.mktemp("leaks") / "home"
    with serve(demo_app(reply)) as upstream:
        settings = make_home(home, upstream)
        with serve_process(home) as served:
            one = Traffic(served, settings, home)
            send_everything(one)
            yield one


def send_everything(to: Traffic) -> None:
    system = {"role": "system", "content": "canary-system"}
    allowed = chat("canary-prompt")
    allowed["messages"].insert(0, system)
    formats: tuple[tuple[str, dict[str, Any]], ...] = ((OPENAI, {}), (ANTHROPIC, {"max_tokens": 9}))
    for path, extra in formats:
        kind = path.rsplit("/", 1)[1]
        for stream in (False, True):
            more: dict[str, Any] = {**extra, "stream": stream}
            to.post(f"redacted {kind} {stream}", path,
                    chat("canary-prompt canary.match@example.com", **more))  # fmt: skip
            to.post(f"answer blocked {kind} {stream}", path, chat("card", **more))
            to.post(f"error {kind} {stream}", path, chat("canary-prompt fail", **more))
            to.post(f"nonsense {kind} {stream}", path, chat("canary-prompt nonsense", **more))
        to.post(f"blocked {kind}", path, chat(f"canary-blocked {CARD}", **extra))
        to.post(f"denied {kind}", path, chat("canary-denied", model="demo-large", **extra))
        to.post(f"nobody {kind}", path, chat("canary-denied", **extra), to.token("guest"))
        to.post(f"malformed {kind}", path, b'{"model":"demo-small","canary-malformed":1,}')
        to.post(f"twice {kind}", path, b'{"canary-malformed":1,"canary-malformed":2}')
        to.post(
            f"wrong {kind}",
            path,
            {"model": "demo-small", "messages": [{"role": "canary-malformed"}, 7]},
        )
        to.post(f"utf {kind}", path, b'{"canary-malformed":"\xff"}')
    for path, key in (("/v1/completions", "prompt"), ("/v1/embeddings", "input")):
        to.post(f"denied {key}", path, {"model": "demo-small", key: "canary-denied"})
        to.post(f"wrong {key}", path, {"model": "demo-small", key: ["canary-malformed", 7]})
    to.post("allowed", OPENAI, allowed)
    to.post("tools", OPENAI, tool_talk())
    to.post("cut", OPENAI, chat("break", stream=True))
    to.post("unknown", "/v1/canary-route", chat("canary-prompt"))
    good = to.token("analyst")
    for bad in (good[:-9], good + "x", "canary-prompt.canary-prompt.canary-prompt"):
        to.post("bad token", OPENAI, chat("canary-denied"), bad)
    for path in ("/gateway/audit/events?actor=canary-route", "/gateway/canary-route"):
        to.told.append(to.get(path, "analyst").content)


def leaks(data: bytes, tokens: list[str]) -> list[str]:
    """Every canary and every part of a token that stands in some bytes."""
    found = [canary for canary in CANARIES if canary.encode() in data]
    digits = CARD.replace(" ", "").encode()
    found += ["card"] if digits in data else []
    return found + [token[:40] for token in tokens if token.rsplit(".", 1)[1][:40].encode() in data]


def test_every_kind_of_traffic_went_as_it_was_meant(traffic: Traffic) -> None:
    """A search that finds nothing shows nothing unless there was something to find."""
    decisions = {event["decision"] for event in events(traffic)}
    assert {"allow", "redact", "block", "deny"} <= decisions
    statuses = {event["status"] for event in events(traffic) if event["stage"] == "outcome"}
    assert {200, 400, 401, 403, 404, 500, 502} <= statuses


def events(traffic: Traffic) -> list[dict[str, Any]]:
    answer = traffic.get("/gateway/audit/events?limit=1000", "auditor")
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()["events"]
    return found


def test_no_canary_in_the_logs(traffic: Traffic) -> None:
    log = traffic.served.log.read_bytes()
    assert b"gateway_started" in log
    assert leaks(log, traffic.tokens) == []


def test_no_canary_in_errors_and_headers(traffic: Traffic) -> None:
    # What the upstream says of its own error is the client's to read.
    passed = b"canary-error-of-the-upstream"
    told = [one for one in traffic.told if passed not in one]
    assert len(told) > 40
    assert leaks(b"".join(told), traffic.tokens) == []


def test_no_canary_in_the_metrics(traffic: Traffic) -> None:
    answer = traffic.get("/gateway/metrics", "admin")
    assert "gateway_requests_total" in answer.text
    assert leaks(answer.content, traffic.tokens) == []


def test_no_canary_in_the_events_of_calls(traffic: Traffic) -> None:
    calls = [event for event in events(traffic) if event["stage"] in {"intent", "outcome"}]
    assert len(calls) > 50
    assert leaks(orjson.dumps(calls), traffic.tokens) == []


def test_no_canary_in_the_store_or_its_log(traffic: Traffic) -> None:
    files = sorted((traffic.home / "data").iterdir())
    assert {file.name for file in files} >= {"audit.db", "audit.db-wal"}
    assert leaks(b"".join(file.read_bytes() for file in files), traffic.tokens) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("allowed", ("canary-prompt", "canary-system", "canary-answer", "canary-argument")),
        ("tools", ("canary-tool-result", "canary-argument", "canary-description")),
        ("redacted completions False", ("canary.match@example.com", "canary-claim")),
        ("redacted messages True", ("canary-answer", "canary-thinking", "canary-argument")),
        ("blocked completions", ("canary-blocked", CARD)),
        ("answer blocked messages True", ("4012 8888 8888 1881",)),
        ("cut", ("canary-cut",)),
    ],
)
def test_auditor_with_the_key_sees_them(
    traffic: Traffic, name: str, expected: tuple[str, ...]
) -> None:
    request = traffic.events[name]
    ids = [event["id"] for event in events(traffic) if event["request"] == request]
    shown = ""
    for id_ in ids:
        done = show(traffic, id_, "--key", str(traffic.home / "keys" / "auditor.key"))
        assert done.exit_code == 0, done.output
        shown += done.stdout
    for canary in expected:
        assert canary in shown


def show(traffic: Traffic, id_: str, *options: str) -> Result:
    config = str(traffic.home / "gateway.yaml")
    return CliRunner().invoke(main, ["audit", "show", id_, "--json", "-c", config, *options])


def test_without_the_key_they_stay_sealed(traffic: Traffic) -> None:
    request = traffic.events["allowed"]
    event = next(one for one in events(traffic) if one["request"] == request)
    assert event["sealed"]
    done = show(traffic, event["id"])
    assert done.exit_code == 0, done.output
    assert leaks(done.output.encode(), traffic.tokens) == []
    # The log's own key opens nothing.
    wrong = show(traffic, event["id"], "--key", str(traffic.home / "keys" / "log.key"))
    assert wrong.exit_code != 0
    assert leaks(wrong.output.encode(), traffic.tokens) == []
