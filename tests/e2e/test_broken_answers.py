"""Upstreams that break every stream there is in every way, and faults of the gateway's own.

Whatever comes: the client gets the API's own error, the record says how it ended, and nothing that
was not scanned has left.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
from dialects import STREAMING, dialect_of
from examples import ask, path_of
from house import ANY_ROUTE, House, build
from scripted import ScriptedModel

from gateway.demo.reply import DemoReply, ToolCall
from gateway.demo.running import serve
from gateway.steps.delay_line import DelayLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateway.wire.formats import Route

TIMEOUT: Final = 0.6
SAID: Final = DemoReply(
    text=("Hello. ", "It is ", "me: ann@exam", "ple.com, ", "yes. "),
    tool_calls=(ToolCall("f", {"a": "b"}),),
)
# The examples of requests go on with answers that this gateway has not seen.
POLICY: Final = ANY_ROUTE.replace("on: [user, tool, answer]", "on: [answer]").replace(
    "capture: sealed}", "capture: sealed, unknown_conversations: allow}"
)


@pytest.fixture(scope="module")
def model() -> ScriptedModel:
    return ScriptedModel()


@pytest.fixture(scope="module")
def house(model: ScriptedModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    edit = {
        "upstream_timeout: 600s": f"upstream_timeout: {TIMEOUT * 1000:.0f}ms",
        "drain: 30s": "drain: 30s, answer: 512KiB",
    }
    folder = tmp_path_factory.mktemp("broken")
    with (
        serve(model) as upstream,
        build(folder, upstream=upstream, edit=edit, policy=POLICY) as one,
    ):
        yield one


@pytest.fixture(params=STREAMING, ids=lambda route: route.path.decode())
def route(request: pytest.FixtureRequest) -> Route:
    found: Route = request.param
    return found


def events_of(route: Route) -> list[bytes]:
    """A stream in its events; the last one ends it."""
    dialect = dialect_of(route)
    framed = [dialect.framed(event, json.dumps(event)) for event in dialect.events(route, SAID)]
    return [*framed, dialect.last] if dialect.last else framed


def line_of(route: Route, text: bytes) -> bytes:
    """A line that is framed as an event is."""
    return text + b"\n" if dialect_of(route).lines else b"data: " + text + b"\n\n"


def play(model: ScriptedModel, route: Route, *steps: bytes | float | None, **head: Any) -> None:
    model.play(*steps, **{"content_type": route.format.stream_type, **head})


def post(house: House, route: Route) -> httpx.Response:
    return house.client("analyst").post(path_of(route), json=ask(route, stream=True))


def outcome_of(house: House, answer: httpx.Response) -> dict[str, Any]:
    records = house.records_of(answer.headers["x-gateway-event"])
    assert [one["stage"] for one in records] == ["intent", "outcome"]
    return records[-1]


def endless(route: Route) -> list[bytes]:
    """A stream that says the same for ever."""
    *start, again, _ = events_of(route)[:4]
    return [*start, *[again] * 20_000]


GARBAGE: Final = b"\x00\xff\xfe {what} is this\n\n"
BROKEN: Final[dict[str, Callable[[Route], tuple[bytes | float | None, ...]]]] = {
    "nothing": lambda _: (),
    "garbage": lambda route: (line_of(route, GARBAGE),),
    "garbage in the middle": lambda route: (*events_of(route)[:4], 0.05, line_of(route, GARBAGE)),
    "a bare number": lambda route: (*events_of(route)[:4], line_of(route, b"12")),
    "broken UTF-8": lambda route: (
        *events_of(route)[:3], events_of(route)[3].replace(b'":', b'\xff":', 1),
    ),
    "ends early": lambda route: tuple(events_of(route)[:4]),
    "breaks off": lambda route: (*events_of(route)[:4], None),
    "half an event": lambda route: (*events_of(route)[:4], events_of(route)[4][:-9]),
    "never ends": lambda route: tuple(endless(route)),
    "a giant event": lambda route: (
        *events_of(route)[:4], line_of(route, b'{"x": "' + b"ann@example.com " * 50_000 + b'"}'),
    ),
    "a giant event without end": lambda route: (
        *events_of(route)[:4], *[b'data: {"x": "' + b"ann@example.com " * 4_000] * 40,
    ),
    "nested deeply": lambda route: (
        *events_of(route)[:4], line_of(route, b'{"x": ' + b"[" * 3000 + b"]" * 3000 + b"}"),
    ),
    "another API's events": lambda route: (
        *events_of(route)[:4], line_of(route, b'{"type": 1, "choices": 2, "done": 3}'),
        line_of(route, b'{"candidates": 4, "message": 5, "response": 6}'),
    ),
    "silence": lambda route: (*events_of(route)[:4], TIMEOUT + 1, *events_of(route)[4:]),
}  # fmt: skip


def in_the_apis_own_words(route: Route, answer: httpx.Response, code: str) -> bool:
    """Whether an answer says that it failed, as the SDKs of its API look for it."""
    if answer.status_code == 200:
        assert answer.content.count(b'"error"') >= 1
        assert dialect_of(route).told(answer.content).error
        return code.encode() in answer.content
    request = answer.headers["x-gateway-event"]
    said = answer.json()
    message = next(iter(_messages(said)))
    assert said == route.format.error(answer.status_code, code, message, request)
    return True


def _messages(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("message"), str):
            yield value["message"]
        for inner in value.values():
            yield from _messages(inner)
        if isinstance(value.get("error"), str):
            yield value["error"]


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_stream_ends_in_the_apis_own_error_and_an_honest_record(
    house: House, model: ScriptedModel, route: Route, fault: str
) -> None:
    play(model, route, *BROKEN[fault](route))
    answer = post(house, route)
    code = "upstream_timeout" if fault == "silence" else "upstream_error"
    assert answer.status_code in {200, 502, 504}
    assert b"ann@example.com" not in answer.content
    assert in_the_apis_own_words(route, answer, code)
    outcome = outcome_of(house, answer)
    assert outcome["error"].startswith(f"{code}: ")
    assert outcome["status"] == answer.status_code


@pytest.mark.parametrize(
    "head",
    [{"content_type": "text/html"}, {"content_type": "application/json", "status": 500}],
    ids=["another type", "an error page"],
)
def test_what_is_no_stream_at_all_is_refused_without_its_words(
    house: House, model: ScriptedModel, route: Route, head: dict[str, Any]
) -> None:
    play(model, route, b"<h1>ann@example.com</h1>", **head)
    answer = post(house, route)
    assert answer.status_code == 502
    assert "ann@" not in answer.text
    assert in_the_apis_own_words(route, answer, "upstream_error")
    assert outcome_of(house, answer)["error"].startswith("upstream_error: ")


def test_an_error_in_the_middle_is_passed_on_scanned(
    house: House, model: ScriptedModel, route: Route
) -> None:
    said = {"error": {"message": "ask ann@example.com", "code": 529, "type": "overloaded"}}
    event: dict[str, Any] = {"type": "error", **said} if dialect_of(route).named else said
    steps = (*events_of(route)[:4], dialect_of(route).framed(event, json.dumps(event)))
    play(model, route, *steps)
    answer = post(house, route)
    assert b"ann@example.com" not in answer.content
    assert dialect_of(route).told(answer.content).error
    assert outcome_of(house, answer)["error"].startswith("upstream_error: ")


@pytest.mark.parametrize("where", ["push", "texts"])
def test_a_fault_of_our_own_in_a_stream_is_recorded_and_says_nothing(
    house: House, model: ScriptedModel, route: Route, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = getattr(DelayLine, where)
    calls: list[None] = []

    def failing(*given: Any) -> Any:
        calls.append(None)
        if where == "texts" or len(calls) > 1:
            raise ValueError("secret-of-ours")
        return real(*given)

    monkeypatch.setattr(DelayLine, where, failing)
    first, *events = events_of(route)
    play(model, route, first, *(step for event in events for step in (0.02, event)))
    body = ask(route, stream=True)
    with house.client("analyst").stream("POST", path_of(route), json=body) as answer:
        told = b""
        try:
            for part in answer.iter_raw():
                told += part
        except httpx.RemoteProtocolError:
            cut = True
        else:
            cut = False
    assert b"ann@example.com" not in told
    assert b"secret-of-ours" not in told
    assert cut == (where == "texts")
    assert cut or b"internal_error" in told
    assert outcome_of(house, answer)["error"] == "internal_error: internal: ValueError"
