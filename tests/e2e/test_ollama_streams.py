"""Streams of lines over real sockets: every cutting, every way to break, every hang-up."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

import pytest
from house import ANY_ROUTE, House, build, chat
from scripted import ScriptedModel, cut_at

from gateway.demo.running import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

KINDS: Final = ("chat", "generate")
LINES: Final = "application/x-ndjson"
TIMEOUT: Final = 0.6


@pytest.fixture(scope="module")
def model() -> ScriptedModel:
    return ScriptedModel()


@pytest.fixture(scope="module")
def house(model: ScriptedModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    edit = {"upstream_timeout: 600s": f"upstream_timeout: {TIMEOUT * 1000:.0f}ms"}
    folder = tmp_path_factory.mktemp("lines")
    with (
        serve(model) as upstream,
        build(folder, upstream=upstream, edit=edit, policy=ANY_ROUTE) as one,
    ):
        yield one


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def play(model: ScriptedModel, *steps: bytes | float | None, **changes: Any) -> None:
    model.play(*steps, **{"content_type": LINES, **changes})


def ask(kind: str) -> dict[str, Any]:
    return chat("hello") if kind == "chat" else {"model": "demo-small", "prompt": "hello"}


def post(house: House, kind: str) -> httpx.Response:
    return house.client("analyst").post(f"/api/{kind}", json=ask(kind))


def line(kind: str, text: str, **more: Any) -> bytes:
    said = {"message": {"role": "assistant", "content": text}} if kind == "chat" else {
        "response": text
    }  # fmt: skip
    head = {"model": "demo-small", "created_at": "2026-01-01T00:00:00Z"}
    return json.dumps({**head, **said, "done": False, **more}, ensure_ascii=False).encode() + b"\n"


def stream(kind: str, *texts: str, finish: bool = True) -> list[bytes]:
    lines = [line(kind, text) for text in texts]
    ending = {"done": True, "done_reason": "stop", "prompt_eval_count": 3, "eval_count": 7}
    return [*lines, line(kind, "", **ending)] if finish else lines


def told(answer: httpx.Response) -> list[dict[str, Any]]:
    return [json.loads(one) for one in answer.content.split(b"\n") if one]


def text_of(kind: str, lines: list[dict[str, Any]]) -> str:
    said = [one["message"]["content"] if kind == "chat" else one["response"] for one in lines]
    return "".join(said)


def outcome_of(house: House, answer: httpx.Response) -> dict[str, Any]:
    records = house.records_of(answer.headers["x-gateway-event"])
    assert [one["stage"] for one in records] == ["intent", "outcome"]
    return records[-1]


def _inside(mark: bytes) -> Callable[[bytes], list[bytes]]:
    """Cuts behind the first byte of every occurrence of a mark."""

    def cutting(data: bytes) -> list[bytes]:
        places = [at + 1 for at in range(len(data)) if data.startswith(mark, at)]
        assert places
        return cut_at(data, *places)

    return cutting


CUTTINGS: Final[dict[str, Callable[[bytes], list[bytes]]]] = {
    "in one piece": lambda data: [data],
    "at every byte": lambda data: cut_at(data, *range(1, len(data))),
    "inside UTF-8": _inside("ü".encode()),
    "inside an escape": _inside(b"\\u00df"),
    "inside the value": _inside(b"11 "),
    "before each line end": lambda data: cut_at(
        data, *(at for at in range(len(data)) if data[at] == 0x0A)
    ),
    "inside the last line": lambda data: cut_at(data, *range(len(data) - 40, len(data))),
}


def paced(pieces: list[bytes]) -> list[bytes | float]:
    """The pieces with so much time between them that they arrive one by one."""
    pause = 0.0005 if len(pieces) > 100 else 0.004
    return [step for piece in pieces for step in (piece, pause)]


def spelled(kind: str, *texts: str) -> bytes:
    """A stream that spells one letter as an escape, as many servers do."""
    return b"".join(stream(kind, *texts)).replace("ß".encode(), b"\\u00df")


@pytest.mark.parametrize("cutting", CUTTINGS)
def test_redaction_is_the_same_however_the_bytes_are_cut(
    house: House, model: ScriptedModel, kind: str, cutting: str
) -> None:
    raw = spelled(kind, "Grüße 11 ", "an a", "da@exam", "ple.com", " und d", "ich")
    play(model, *paced(CUTTINGS[cutting](raw)))
    answer = post(house, kind)
    assert b"example.com" not in answer.content
    lines = told(answer)
    assert text_of(kind, lines) == "Grüße 11 an [EMAIL_ADDRESS] und dich"
    assert (lines[-1]["done"], lines[-1]["done_reason"]) == (True, "stop")
    outcome = outcome_of(house, answer)
    assert (outcome["decision"], outcome["status"], outcome["error"]) == ("redact", 200, None)
    assert outcome["usage"] == {"input_tokens": 3, "output_tokens": 7}


@pytest.mark.parametrize("cutting", CUTTINGS)
def test_block_is_the_same_however_the_bytes_are_cut(
    house: House, model: ScriptedModel, kind: str, cutting: str
) -> None:
    raw = spelled(kind, "Grüße: ", "4", "111 11", "11 1111 ", "1111", " war es")
    play(model, *paced(CUTTINGS[cutting](raw)))
    answer = post(house, kind)
    lines = told(answer)
    # How much of the harmless text left before the block depends on when it came.
    assert "Grüße: ".startswith(text_of(kind, lines))
    assert b"411" not in answer.content.replace(b"\\u00", b"")
    assert (lines[-1]["done"], lines[-1]["done_reason"]) == (True, "content_filter")
    outcome = outcome_of(house, answer)
    assert (outcome["decision"], outcome["status"]) == ("block", 200)
    assert outcome["findings"][0]["entity"] == "CREDIT_CARD"


@pytest.mark.parametrize("cutting", CUTTINGS)
def test_clean_stream_arrives_as_the_very_bytes_that_came(
    house: House, model: ScriptedModel, kind: str, cutting: str
) -> None:
    raw = spelled(kind, "Grüße 11 ", "an", " alle", " hier.")
    play(model, *paced(CUTTINGS[cutting](raw)), content_type=f"{LINES}; charset=utf-8")
    answer = post(house, kind)
    assert answer.content == raw
    assert answer.headers["content-type"] == LINES
    assert outcome_of(house, answer)["decision"] == "allow"


def test_each_line_passes_as_soon_as_its_text_is_settled(
    house: House, model: ScriptedModel, kind: str
) -> None:
    *lines, last = stream(kind, "One. ", "Two. ", "Three. ")
    play(model, *lines, 0.3, last)
    with house.client("analyst").stream("POST", f"/api/{kind}", json=ask(kind)) as answer:
        parts = [(part, time.monotonic()) for part in answer.iter_raw()]
    assert parts[-1][1] - parts[0][1] > 0.2
    assert b"".join(part for part, _ in parts) == b"".join([*lines, last])


BROKEN: Final[dict[str, Callable[[str], tuple[Any, ...]]]] = {
    "no line at all": lambda _: (b"\x00\xff what is this\r\n\r\n",),
    "nothing": lambda _: (),
    "events in place of lines": lambda _: (b'data: {"response":"Hi"}\n\n',),
    "no JSON later": lambda kind: (*stream(kind, "Hi", finish=False), 0.05, b"{x\n"),
    "a list as a line": lambda kind: (*stream(kind, "Hi", finish=False), b"[1]\n"),
    "no last line": lambda kind: tuple(stream(kind, "Hi", " you", finish=False)),
    "half a line": lambda kind: (b"".join(stream(kind, "Hi", " you"))[:-9],),
    "broken off": lambda kind: (*stream(kind, "Hi", finish=False), None),
    "a line of 2 MiB": lambda kind: (*stream(kind, "Hi", finish=False), b'{"' + b"x" * 2**21),
    "silence before the first byte": lambda kind: (TIMEOUT + 1, *stream(kind, "Hi")),
    "silence in the middle": lambda kind: (
        *stream(kind, "Hi", finish=False), TIMEOUT + 1, *stream(kind, "Hi")[-1:],
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_stream_ends_in_a_clear_error_and_an_honest_record(
    house: House, model: ScriptedModel, kind: str, fault: str
) -> None:
    play(model, *BROKEN[fault](kind))
    answer = post(house, kind)
    expected = "upstream_timeout" if "silence" in fault else "upstream_error"
    last = told(answer)[-1]
    assert last["code"] == expected
    assert isinstance(last["error"], str)
    assert "done" not in last
    assert answer.status_code in {200, 504 if "silence" in fault else 502}
    outcome = outcome_of(house, answer)
    assert outcome["error"].startswith(f"{expected}: ")
    assert outcome["status"] == answer.status_code


@pytest.mark.parametrize("content_type", ["application/json", "text/event-stream", "text/html"])
def test_an_answer_of_another_type_is_no_stream(
    house: House, model: ScriptedModel, kind: str, content_type: str
) -> None:
    play(model, *stream(kind, "secret-of-the-upstream"), content_type=content_type)
    answer = post(house, kind)
    assert (answer.status_code, answer.json()["code"]) == (502, "upstream_error")
    assert "secret-of-the-upstream" not in answer.text
    assert outcome_of(house, answer)["error"].startswith("upstream_error: ")


def test_lines_where_none_were_asked_for_are_no_answer(
    house: House, model: ScriptedModel, kind: str
) -> None:
    play(model, *stream(kind, "Hi"))
    answer = house.client("analyst").post(f"/api/{kind}", json={**ask(kind), "stream": False})
    assert (answer.status_code, answer.json()["code"]) == (502, "upstream_error")


def test_an_error_of_the_upstream_reaches_the_client_scanned(
    house: House, model: ScriptedModel, kind: str
) -> None:
    fault = b'{"error":"out of memory for ada@example.com"}\n'
    play(model, *stream(kind, "Hi", finish=False), fault)
    answer = post(house, kind)
    assert b"example.com" not in answer.content
    assert {"error": "out of memory for [EMAIL_ADDRESS]"} in told(answer)


def test_a_last_line_without_its_end_is_one(house: House, model: ScriptedModel, kind: str) -> None:
    raw = b"".join(stream(kind, "Hi", " you"))
    play(model, raw[:-1])
    answer = post(house, kind)
    assert answer.content == raw
    assert outcome_of(house, answer)["error"] is None


def test_what_follows_the_last_line_never_leaves(
    house: House, model: ScriptedModel, kind: str
) -> None:
    play(model, b"".join([*stream(kind, "Hi"), *stream(kind, "more-and-more")]))
    assert post(house, kind).content == b"".join(stream(kind, "Hi"))


def _until_hung_up(model: ScriptedModel) -> float:
    deadline = time.monotonic() + 5
    while model.hung_up is None:
        assert time.monotonic() < deadline, "the upstream was not let go"
        time.sleep(0.005)
    return model.hung_up


def test_block_lets_the_upstream_go_within_a_tenth_of_a_second(
    house: House, model: ScriptedModel, kind: str
) -> None:
    lines = stream(kind, "It is 4111 1111 1111 1111, ", "and more. ", finish=False)
    delays = []
    for _ in range(3):
        play(model, *lines, *(step for _ in range(40) for step in (0.05, lines[-1])))
        with house.client("analyst").stream("POST", f"/api/{kind}", json=ask(kind)) as answer:
            answer.read()
            ended = time.monotonic()
        delays.append(_until_hung_up(model) - ended)
        assert model.sent < 20
    assert min(delays) < 0.1


def test_client_that_hangs_up_lets_the_upstream_go(
    house: House, model: ScriptedModel, kind: str
) -> None:
    lines = stream(kind, "One. ", "Two. ", finish=False)
    play(model, *lines, *(step for _ in range(100) for step in (0.05, lines[-1])))
    with house.client("analyst").stream("POST", f"/api/{kind}", json=ask(kind)) as answer:
        next(answer.iter_raw())
    left = time.monotonic()
    assert _until_hung_up(model) - left < 1
    outcome = outcome_of(house, answer)
    assert (outcome["error"], outcome["status"]) == ("client_gone", 499)
