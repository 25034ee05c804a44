"""Streams of every API that are blocked or left: the stop, and how soon the upstream is let go."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

import pytest
from dialects import STREAMING, dialect_of
from examples import ask, path_of
from house import ANY_ROUTE, House, build
from scripted import ScriptedModel

from gateway.demo.reply import DemoReply, ToolCall
from gateway.demo.running import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.wire.formats import Route

CARD: Final = "4111 1111 1111 1111"
SAID: Final = DemoReply(text=("Hello. ", "It is 4111 ", "1111 1111 ", "1111, ", "yes. ", "More. "))
CALLED: Final = DemoReply(text=("Wait. ",), tool_calls=(ToolCall("pay", {"to": {"card": CARD}}),))
HARMLESS: Final = DemoReply(text=("One. ", "Two. ", "Three. "))
TEXTS_ONLY: Final = frozenset({"completions", "ollama.generate"})
# The examples of requests go on with answers that this gateway has not seen.
POLICY: Final = ANY_ROUTE.replace("on: [user, tool, answer]", "on: [answer]").replace(
    "capture: sealed}", "capture: sealed, unknown_conversations: allow}"
)


@pytest.fixture(scope="module")
def model() -> ScriptedModel:
    return ScriptedModel()


@pytest.fixture(scope="module")
def house(model: ScriptedModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with (
        serve(model) as upstream,
        build(tmp_path_factory.mktemp("let_go"), upstream=upstream, policy=POLICY) as one,
    ):
        yield one


every_route = pytest.mark.parametrize("route", STREAMING, ids=lambda route: route.path.decode())
calling_routes = pytest.mark.parametrize(
    "route",
    [route for route in STREAMING if route.name not in TEXTS_ONLY],
    ids=lambda route: route.path.decode(),
)


def events_of(route: Route, reply: DemoReply) -> list[bytes]:
    """A stream in its events, without those that end it."""
    dialect = dialect_of(route)
    events = [event for event in dialect.events(route, reply) if not dialect.ends(event)]
    return [dialect.framed(event, json.dumps(event)) for event in events]


def keeps_on(model: ScriptedModel, route: Route, reply: DemoReply) -> None:
    """An upstream that says the reply, and for some seconds the last of it again and again."""
    events = events_of(route, reply)
    more: list[bytes | float] = [step for _ in range(60) for step in (0.05, events[-1])]
    model.play(*events, *more, content_type=route.format.stream_type)


def outcome_of(house: House, answer: Any) -> dict[str, Any]:
    records = house.records_of(answer.headers["x-gateway-event"])
    assert [one["stage"] for one in records] == ["intent", "outcome"]
    return records[-1]


def let_go(model: ScriptedModel, since: float) -> float:
    """How long after a moment the upstream was hung up on, in seconds."""
    deadline = time.monotonic() + 5
    while model.hung_up is None:
        assert time.monotonic() < deadline, "the upstream was not let go"
        time.sleep(0.002)
    return model.hung_up - since


def stopped(house: House, model: ScriptedModel, route: Route, reply: DemoReply) -> float:
    """Plays what is blocked, and looks at what the client hears and at what is recorded."""
    dialect = dialect_of(route)
    keeps_on(model, route, reply)
    client = house.client("analyst")
    with client.stream("POST", path_of(route), json=ask(route, stream=True)) as answer:
        body = answer.read()
        ended = time.monotonic()
    told = dialect.told(body)
    assert set(told.finish) == {dialect.stopped}
    assert not told.error
    assert not any(part.encode() in body for part in ("4111", "1111"))
    outcome = outcome_of(house, answer)
    assert (outcome["decision"], outcome["status"], outcome["error"]) == ("block", 200, None)
    assert [note["entity"] for note in outcome["findings"]] == ["CREDIT_CARD"]
    return let_go(model, ended)


@every_route
def test_a_blocked_text_ends_the_stream_and_lets_the_upstream_go(
    house: House, model: ScriptedModel, route: Route
) -> None:
    delays = [stopped(house, model, route, SAID) for _ in range(3)]
    # The best of three, as others use the machine too.
    assert min(delays) < 0.1


@calling_routes
def test_a_blocked_argument_ends_the_stream_and_lets_the_upstream_go(
    house: House, model: ScriptedModel, route: Route
) -> None:
    delays = [stopped(house, model, route, CALLED) for _ in range(3)]
    assert min(delays) < 0.1


@every_route
def test_a_client_that_hangs_up_lets_the_upstream_go(
    house: House, model: ScriptedModel, route: Route
) -> None:
    delays = []
    for _ in range(3):
        keeps_on(model, route, HARMLESS)
        client = house.client("analyst")
        with client.stream("POST", path_of(route), json=ask(route, stream=True)) as answer:
            next(answer.iter_raw())
        delays.append(let_go(model, time.monotonic()))
        outcome = outcome_of(house, answer)
        assert (outcome["error"], outcome["status"]) == ("client_gone", 499)
    assert min(delays) < 0.1
