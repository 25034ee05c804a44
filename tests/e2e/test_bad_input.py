"""Bad input on every route: a refusal that says where the fault is, and never a fault of ours."""

from __future__ import annotations

import json
import re
import threading
import time
from typing import TYPE_CHECKING, Any, Final, Self

import pytest
from every_route import EveryModel, every_route
from examples import ask, path_of, spoken
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spoiling import MARK, RAW, Choices, place, places, put, raw_spoilt, spoilt

from gateway.wire.exchange import pointer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from house import House

    from gateway.wire.formats import Route

ROUTES: Final = spoken()
STATUSES: Final = {200, 400, 403, 404, 413}
PLACE: Final = re.compile(r"(?:^|[\s\"])(?:/[A-Za-z_]\w*|[Tt]he body)")
PLACE_IN_TEXT: Final = re.compile(r" at (?:(?:character|byte) \d+|the top|/[\w*/]+)")
POINTER: Final = re.compile(r"(?:^|[\s\"])((?:/[^\s\"/]+)+)")
OTHER_TYPES: Final[tuple[Any, ...]] = (True, 3, -1, 1.5, "x", [], {}, [None], [[]], {"type": 3})
MIXED: Final = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
HEADERS: Final = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def model() -> EveryModel:
    return EveryModel()


@pytest.fixture(scope="module")
def house(model: EveryModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with every_route(tmp_path_factory.mktemp("bad"), model) as one:
        yield one
        # Whatever was sent above, nothing of it was a fault of ours.
        assert [found for found in one.events(limit="1000") if (found["status"] or 0) >= 500] == []


@pytest.fixture(params=ROUTES, ids=lambda route: route.path.decode())
def route(request: pytest.FixtureRequest) -> Route:
    found: Route = request.param
    return found


@pytest.fixture
def client(house: House) -> httpx.Client:
    return house.client("analyst")


def post(client: httpx.Client, route: Route, body: bytes) -> httpx.Response:
    return client.post(path_of(route), content=body, headers=HEADERS)


def error_of(answer: httpx.Response) -> tuple[str, str]:
    """Code and message of a refusal, in whatever shape they come."""
    told = answer.json()
    error = told["error"] if isinstance(told["error"], dict) else {**told, "message": told["error"]}
    details = error.get("details")
    inner = details[0] if isinstance(details, list) else {}
    return str(inner.get("reason") or error.get("code")).lower(), error["message"]


@MIXED
@given(data=st.binary(max_size=32))
def test_spoilt_body_is_refused_with_its_place_or_forwarded_with_all_of_it_read(
    client: httpx.Client, model: EveryModel, route: Route, data: bytes
) -> None:
    body, choose = ask(route), Choices(data)
    while choose:
        body = spoilt(body, choose)
    model.heard = b""
    answer = post(client, route, json.dumps(body).encode())
    assert answer.status_code in STATUSES
    assert answer.headers["x-gateway-event"]
    assert MARK not in answer.text
    assert MARK.encode() not in model.heard
    if answer.status_code == 400:
        code, message = error_of(answer)
        assert code in {"bad_request", "content_blocked"}
        assert code == "content_blocked" or PLACE.search(message), message


@MIXED
@given(data=st.binary(max_size=4), other=st.sampled_from(OTHER_TYPES))
def test_wrong_type_is_refused_with_the_pointer_of_the_fault(
    client: httpx.Client, route: Route, data: bytes, other: Any
) -> None:
    body = ask(route)
    paths = [*places(body)]
    path = paths[Choices(data)(len(paths))]
    answer = post(client, route, json.dumps(put(body, path, other)).encode())
    assert answer.status_code in STATUSES
    if answer.status_code == 400:
        _, message = error_of(answer)
        found = POINTER.search(message)
        if found is None:
            assert "he body" in message
            return
        # A key that a client chose is shown as a star.
        named = found[1].rstrip(".,:").split("/")[1:]
        pairs = zip(named, map(str, path), strict=False)
        assert all(name in {step, "*"} for name, step in pairs), message


@pytest.mark.parametrize("role", ["wizard", "User", "SYSTEM"])
def test_bug_a_role_that_the_api_does_not_have_was_passed_on(
    client: httpx.Client, route: Route, role: str
) -> None:
    body = ask(route)
    for path in [*places(body)]:
        # Not only messages have one: so do system texts of Gemini and tools in responses.
        role_of_a_turn = path[-1:] == ("role",) and path[0] in {"messages", "contents", "input"}
        if role_of_a_turn and "tools" not in place(body, path[:-1]):
            answer = post(client, route, json.dumps(put(body, path, role)).encode())
            assert answer.status_code == 400
            assert f"{pointer(path)} must be one of " in error_of(answer)[1]


@pytest.mark.parametrize("fault", RAW)
def test_no_strict_json_is_refused_with_its_place(
    client: httpx.Client, model: EveryModel, route: Route, fault: str
) -> None:
    for seed in range(3):
        model.heard = b""
        body = raw_spoilt(ask(route), fault, Choices(bytes([seed, 17 * seed, 91 * seed])))
        answer = post(client, route, body)
        assert (answer.status_code, model.heard) == (400, b"")
        code, message = error_of(answer)
        assert code == "bad_request"
        assert PLACE_IN_TEXT.search(message), message


def repeated(item: str, *, count: int = 10**7) -> str:
    """An item as often as it goes into 10 MiB, or into as many objects as are taken."""
    return ",".join([item] * min(count, (10 * 2**20 - 8192) // (len(item) + 1)))


MILLIONS: Final = {
    "empty objects as messages": ("[{}]", repeated("{}"), 400),
    "empty strings as messages": ("[{}]", repeated('""'), 400),
    "a hundred thousand messages": (
        "[{}]", repeated('{"role":"user","content":"a"}', count=99_000), 200,
    ),
    "empty strings as parts": ('[{{"role":"user","content":[{}]}}]', repeated('""'), 400),
    "one text of 10 MiB": ('[{{"role":"user","content":"{}"}}]', "a" * (10 * 2**20 - 8192), 200),
    "one text of digits": ('[{{"role":"user","content":"{}"}}]', "4" * (10 * 2**20 - 8192), 200),
    "numbers": ('[], "unheard_of": [{}]', repeated("1"), 400),
    "large numbers": ('[], "unheard_of": [{}]', repeated("1e30"), 400),
    "long numbers": ('[], "unheard_of": [{}]', repeated("1000000000"), 400),
    "a hundred thousand tools": ('[], "tools": [{}]', repeated('{"type":"x"}', count=99_000), 200),
    "texts in arguments": (
        '[{{"role":"assistant","function_call":{{"name":"f","arguments":"[{}]"}}}}]',
        repeated('\\"a\\"'), 400,
    ),
}  # fmt: skip
"""Messages of a chat completion, what stands in them again and again, and what becomes of it."""


@pytest.mark.parametrize("case", MILLIONS)
def test_millions_are_answered_in_bounded_time_while_others_are_served(
    house: House, client: httpx.Client, case: str
) -> None:
    around, item, status = MILLIONS[case]
    body = b'{"model":"demo-small","messages":%b}' % around.format(item).encode()
    began = time.monotonic()
    with Other(house) as other:
        answer = client.post("/v1/chat/completions", content=body, headers=HEADERS)
    assert answer.status_code == status
    # Deadlines, not measurements: without bounds each of these took from ten seconds to a minute.
    assert time.monotonic() - began < 15
    assert other.longest < 3


class Other(threading.Thread):
    """Another client, that asks again and again; ``longest`` is how long it waited, in seconds."""

    def __init__(self, house: House) -> None:
        super().__init__(daemon=True)
        self._client = house.client()
        self._stopped = threading.Event()
        self.longest = 0.0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self.join()

    def run(self) -> None:
        while not self._stopped.wait(0.01):
            began = time.monotonic()
            assert self._client.get("/gateway/health/live").status_code == 200
            self.longest = max(self.longest, time.monotonic() - began)
