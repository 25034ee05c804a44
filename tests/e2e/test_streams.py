"""Streams over real sockets: every cutting, every way to break, every hang-up."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
from house import ANY_ROUTE, House, build, chat
from scripted import CLEAN_END, ScriptedModel, chunk, cut_at, stream_of, text_of, whole_of

from gateway.demo.running import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


PATHS: Final = {
    "openai": "/v1/chat/completions",
    "anthropic": "/v1/messages",
    "responses": "/v1/responses",
}
BLOCKED_END: Final = {"openai": "content_filter", "anthropic": "refusal"}
TIMEOUT: Final = 0.6


@pytest.fixture(scope="module")
def model() -> ScriptedModel:
    return ScriptedModel()


@pytest.fixture(scope="module")
def house(model: ScriptedModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    edit = {"upstream_timeout: 600s": f"upstream_timeout: {TIMEOUT * 1000:.0f}ms"}
    with (
        serve(model) as upstream,
        build(
            tmp_path_factory.mktemp("streams"), upstream=upstream, edit=edit, policy=ANY_ROUTE
        ) as one,
    ):
        yield one


@pytest.fixture(params=PATHS)
def wire(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def ask(wire: str) -> dict[str, Any]:
    if wire == "responses":
        return {"model": "demo-small", "input": "hello", "stream": True}
    return chat("hello", max_tokens=16, stream=True)


def post(house: House, wire: str) -> httpx.Response:
    return house.client("analyst").post(PATHS[wire], json=ask(wire))


def outcome_of(house: House, answer: httpx.Response) -> dict[str, Any]:
    records = house.records_of(answer.headers["x-gateway-event"])
    assert [one["stage"] for one in records] == ["intent", "outcome"]
    return records[-1]


def _every_byte(data: bytes) -> list[bytes]:
    return cut_at(data, *range(1, len(data)))


def _inside(mark: bytes) -> Callable[[bytes], list[bytes]]:
    """Cuts behind the first byte of every occurrence of a mark."""

    def cutting(data: bytes) -> list[bytes]:
        places = [at + 1 for at in range(len(data)) if data.startswith(mark, at)]
        assert places
        return cut_at(data, *places)

    return cutting


CUTTINGS: Final[dict[str, Callable[[bytes], list[bytes]]]] = {
    "in one piece": lambda data: [data],
    "at every byte": _every_byte,
    "at every third byte": lambda data: cut_at(data, *range(3, len(data), 3)),
    "inside UTF-8": _inside("ü".encode()),
    "inside an escape": _inside(b"\\u00df"),
    "inside the value": _inside(b"11 "),
    "inside the field name": _inside(b"data:"),
    "inside the end of an event": _inside(b"\n\n"),
    "inside the last events": lambda data: cut_at(data, *range(len(data) - 40, len(data))),
}


def paced(pieces: list[bytes]) -> list[bytes | float]:
    """The pieces with so much time between them that they arrive one by one."""
    pause = 0.0005 if len(pieces) > 100 else 0.004
    return [step for piece in pieces for step in (piece, pause)]


def spelled(wire: str, *texts: str) -> bytes:
    """A stream that spells one letter as an escape, as many servers do."""
    return b"".join(stream_of(wire, *texts)).replace("ß".encode(), b"\\u00df")


@pytest.mark.parametrize("cutting", CUTTINGS)
def test_redaction_is_the_same_however_the_bytes_are_cut(
    house: House, model: ScriptedModel, wire: str, cutting: str
) -> None:
    stream = spelled(wire, "Grüße 11 ", "an a", "da@exam", "ple.com", " und d", "ich")
    model.play(*paced(CUTTINGS[cutting](stream)))
    answer = post(house, wire)
    assert b"example.com" not in answer.content
    told = text_of(wire, answer.content)
    assert told.texts == {0: "Grüße 11 an [EMAIL_ADDRESS] und dich"}
    assert (told.finish, told.error) == (CLEAN_END[wire], None)
    outcome = outcome_of(house, answer)
    assert (outcome["decision"], outcome["status"], outcome["error"]) == ("redact", 200, None)


@pytest.mark.parametrize("cutting", CUTTINGS)
def test_block_is_the_same_however_the_bytes_are_cut(
    house: House, model: ScriptedModel, wire: str, cutting: str
) -> None:
    stream = spelled(wire, "Grüße: ", "4", "111 11", "11 1111 ", "1111", " war es")
    model.play(*paced(CUTTINGS[cutting](stream)))
    answer = post(house, wire)
    assert answer.status_code == 200
    told = text_of(wire, answer.content)
    # How much of the harmless text left before the block depends on when it came.
    assert "Grüße: ".startswith(told.texts.get(0, ""))
    assert b"411" not in answer.content.replace(b"\\u00", b"")
    assert (told.finish, told.error) == (BLOCKED_END.get(wire, "content_filter"), None)
    outcome = outcome_of(house, answer)
    assert (outcome["decision"], outcome["status"]) == ("block", 200)
    assert outcome["findings"][0]["entity"] == "CREDIT_CARD"


@pytest.mark.parametrize("cutting", CUTTINGS)
def test_clean_stream_arrives_as_the_very_bytes_that_came(
    house: House, model: ScriptedModel, wire: str, cutting: str
) -> None:
    stream = spelled(wire, "Grüße 11 ", "an", " alle", " hier.")
    model.play(*paced(CUTTINGS[cutting](stream)))
    answer = post(house, wire)
    assert answer.content == stream
    assert outcome_of(house, answer)["decision"] == "allow"


def test_each_event_passes_as_soon_as_its_text_is_settled(
    house: House, model: ScriptedModel, wire: str
) -> None:
    *events, last = stream_of(wire, "One. ", "Two. ", "Three. ")
    model.play(*events, 0.3, last)
    with house.client("analyst").stream("POST", PATHS[wire], json=ask(wire)) as answer:
        told, times = b"", []
        for part in answer.iter_raw():
            told += part
            times.append(time.monotonic())
    assert times[-1] - times[0] > 0.2
    assert told == b"".join([*events, last])


def test_keep_alive_comments_pass_at_once(house: House, model: ScriptedModel, wire: str) -> None:
    events = stream_of(wire, "my mail is ada", "@example.com")
    first = len(stream_of(wire, "my mail is ada", finish=False))
    model.play(*events[:first], b": ping\n\n", 0.3, *events[first:])
    with house.client("analyst").stream("POST", PATHS[wire], json=ask(wire)) as answer:
        parts = [(part, time.monotonic()) for part in answer.iter_raw()]
    first_comment = next(at for part, at in parts if b":\n\n" in part or b": ping" in part)
    assert parts[-1][1] - first_comment > 0.2
    assert b"example.com" not in b"".join(part for part, _ in parts)


def test_choices_that_take_turns_are_read_apart(house: House, model: ScriptedModel) -> None:
    first, second = ("to a", "da@exam", "ple.com", " now"), ("4111 1111", "x 11", "11", " 1111")
    steps = [
        piece
        for one, two in zip(first, second, strict=True)
        for piece in (chunk(0, {"content": one}), chunk(1, {"content": two}))
    ]
    ends = [chunk(0, {}, "stop"), chunk(1, {}, "stop"), b"data: [DONE]\n\n"]
    model.play(*steps, *ends)
    answer = post(house, "openai")
    told = text_of("openai", answer.content)
    assert told.texts == {0: "to [EMAIL_ADDRESS] now", 1: "4111 1111x 1111 1111"}
    assert outcome_of(house, answer)["decision"] == "redact"


def _cut_off(wire: str) -> tuple[Any, ...]:
    return (*stream_of(wire, "Hello ", "there", finish=False), None)


BROKEN: Final[dict[str, Callable[[str], tuple[Any, ...]]]] = {
    "no event at all": lambda _: (b"\x00\xff what is this\r\n\r\n",),
    "nothing": lambda _: (),
    "no JSON in the first event": lambda _: (b"data: {oops\n\n",),
    "no JSON later": lambda wire: (*stream_of(wire, "Hi", finish=False), 0.05, b"data: {x\n\n"),
    "a list as an event": lambda wire: (*stream_of(wire, "Hi", finish=False), b"data: [1]\n\n"),
    "no last event": lambda wire: tuple(stream_of(wire, "Hi", " you", finish=False)),
    "half an event": lambda wire: (
        b"".join(stream_of(wire, "Hi", " you", finish=False))[:-9],
    ),
    "broken off": _cut_off,
    "an event of 2 MiB": lambda wire: (*stream_of(wire, "Hi", finish=False), b'data: "' + b"x"
                                       * 2**21),
    "a key twice": lambda wire: (stream_of(wire, "Hi")[0].replace(b"{", b'{"id":1,"id":2,', 1),),
    "silence before the first byte": lambda wire: (TIMEOUT + 1, *stream_of(wire, "Hi")),
    "silence in the middle": lambda wire: (
        *stream_of(wire, "Hi", finish=False), TIMEOUT + 1, *stream_of(wire, "Hi")[-1:],
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_stream_ends_in_a_clear_error_and_an_honest_record(
    house: House, model: ScriptedModel, wire: str, fault: str
) -> None:
    model.play(*BROKEN[fault](wire))
    answer = post(house, wire)
    expected = "upstream_timeout" if "silence" in fault else "upstream_error"
    if answer.status_code == 200:
        told = text_of(wire, answer.content)
        assert told.error is not None
        assert told.error.get("code") == expected
        assert told.finish is None
        assert b"[DONE]" not in answer.content
    else:
        assert answer.status_code == (504 if "silence" in fault else 502)
        assert answer.json()["error"]["code"] == expected
    outcome = outcome_of(house, answer)
    assert outcome["error"].startswith(f"{expected}: ")
    assert outcome["status"] == answer.status_code


ERROR_PAGES: Final[dict[str, dict[str, Any]]] = {
    "a page in place of a stream": {"content_type": "text/html"},
    "JSON in place of a stream": {"content_type": "application/json"},
    "an error page": {"content_type": "text/html", "status": 503},
    "an error stream": {"status": 500},
    "an empty error": {"content_type": "application/json", "status": 500},
    "a redirect": {"content_type": "text/html", "status": 302,
                   "headers": ((b"location", b"http://evil.test/"),)},
    "two types": {"headers": ((b"content-type", b"text/html"),)},
    "a compressed stream": {"headers": ((b"content-encoding", b"gzip"),)},
}  # fmt: skip


@pytest.mark.parametrize("fault", ERROR_PAGES)
def test_answer_that_is_no_stream_is_a_502_without_its_words(
    house: House, model: ScriptedModel, wire: str, fault: str
) -> None:
    steps = () if fault == "an empty error" else (b"<h1>secret-of-the-upstream</h1>",)
    model.play(*steps, **ERROR_PAGES[fault])
    answer = post(house, wire)
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "upstream_error")
    assert "secret-of-the-upstream" not in answer.text
    assert outcome_of(house, answer)["error"].startswith("upstream_error: ")


def test_error_event_of_the_upstream_reaches_the_client_scanned(
    house: House, model: ScriptedModel, wire: str
) -> None:
    event = b'data: {"type":"error","error":{"type":"overloaded_error","message":"for ada@example.com"}}\n\n'  # noqa: E501 - one event
    name = b"" if wire == "openai" else b"event: error\n"
    more = stream_of(wire, "Hi", finish=False)[-1]
    # The last word waits for what may follow it; the error does not wait for that.
    model.play(*stream_of(wire, "Hi", finish=False), name + event, more)
    answer = post(house, wire)
    assert b"example.com" not in answer.content
    told = text_of(wire, answer.content)
    assert told.texts == {0: "Hi"}
    assert told.error is not None
    assert told.error["message"] == "for [EMAIL_ADDRESS]"
    outcome = outcome_of(house, answer)
    assert outcome["error"] == "upstream_error: the upstream ended its stream with an error"


@pytest.mark.parametrize("first", [b'"id":1,"id":2,', b'"\\u0069d":1,"id":2,', b'"n":1e999,'])
def test_an_event_that_two_parsers_read_otherwise_ends_the_stream(
    house: House, model: ScriptedModel, wire: str, first: bytes
) -> None:
    """The event passed on as it came, with a value in it that nobody had scanned."""
    events = stream_of(wire, "Hi")
    model.play(events[0].replace(b"{", b"{" + first, 1), *events[1:])
    answer = post(house, wire)
    assert answer.status_code == 502
    assert outcome_of(house, answer)["error"].startswith("upstream_error: ")


def test_what_follows_the_last_event_never_leaves(
    house: House, model: ScriptedModel, wire: str
) -> None:
    stream = stream_of(wire, "Hi")
    model.play(*stream, 0.1, *stream_of(wire, "more-and-more"))
    assert post(house, wire).content == b"".join(stream)
    model.play(b"".join([*stream, *stream_of(wire, "more-and-more")]))
    assert b"more-and-more" not in post(house, wire).content


def test_stream_whose_connection_stays_open_has_one_outcome(
    house: House, model: ScriptedModel, wire: str
) -> None:
    model.play(*stream_of(wire, "Hi"), 0.2)
    answer = post(house, wire)
    time.sleep(0.4)
    assert outcome_of(house, answer)["error"] is None


def test_stream_is_answered_whole_when_no_stream_was_asked_for(
    house: House, model: ScriptedModel, wire: str
) -> None:
    model.play(*stream_of(wire, "4111 1111 1111 1111"))
    answer = house.client("analyst").post(PATHS[wire], json={**ask(wire), "stream": False})
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "upstream_error")
    model.play(whole_of(wire, "Hi"), content_type="application/json")
    answer = house.client("analyst").post(PATHS[wire], json={**ask(wire), "stream": False})
    assert answer.content == whole_of(wire, "Hi")


def _until_hung_up(model: ScriptedModel) -> float:
    deadline = time.monotonic() + 5
    while model.hung_up is None:
        assert time.monotonic() < deadline, "the upstream was not let go"
        time.sleep(0.005)
    return model.hung_up


def test_block_lets_the_upstream_go_within_a_tenth_of_a_second(
    house: House, model: ScriptedModel, wire: str
) -> None:
    events = stream_of(wire, "It is 4111 1111 1111 1111, ", "and more. ", finish=False)
    delays = []
    for _ in range(3):
        model.play(*events, *(step for _ in range(40) for step in (0.05, events[-1])))
        with house.client("analyst").stream("POST", PATHS[wire], json=ask(wire)) as answer:
            answer.read()
            ended = time.monotonic()
        delays.append(_until_hung_up(model) - ended)
        assert model.sent < 20
    assert min(delays) < 0.1


def test_client_that_hangs_up_lets_the_upstream_go_within_a_tenth_of_a_second(
    house: House, model: ScriptedModel, wire: str
) -> None:
    events = stream_of(wire, "One. ", "Two. ", finish=False)
    delays = []
    for _ in range(3):
        model.play(*events, *(step for _ in range(100) for step in (0.05, events[-1])))
        with house.client("analyst").stream("POST", PATHS[wire], json=ask(wire)) as answer:
            next(answer.iter_raw())
        left = time.monotonic()
        delays.append(_until_hung_up(model) - left)
        outcome = outcome_of(house, answer)
        assert (outcome["error"], outcome["status"]) == ("client_gone", 499)
    assert min(delays) < 0.1


def test_client_that_hangs_up_on_a_whole_answer_lets_the_upstream_go(
    house: House, model: ScriptedModel, wire: str
) -> None:
    model.play(0.5, 0.5, whole_of(wire, "late"), content_type="application/json")
    client = house.client("analyst", subject=f"impatient-{wire}")
    with pytest.raises(httpx.ReadTimeout):
        client.post(PATHS[wire], json={**ask(wire), "stream": False}, timeout=0.2)
    client.close()
    _until_hung_up(model)
    deadline = time.monotonic() + 5
    while not (found := house.events(actor=f"impatient-{wire}", status="499")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert found[0]["error"] == "client_gone"
