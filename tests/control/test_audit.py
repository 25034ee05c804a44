"""The audit log over HTTP: every read is recorded before anything is answered."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import orjson
import pytest
from house import LEAN, NO_TLS, House, build, chat

from gateway.audit.filters import FILTERS
from gateway.audit.search import search
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVENTS = "/gateway/audit/events"
STREAM = "/gateway/audit/stream"


def ask(house: House, subject: str, text: str = "Hi") -> str:
    answer = house.client("analyst", subject=subject).post("/v1/chat/completions", json=chat(text))
    id_: str = answer.headers["x-gateway-event"]
    house.records_of(id_)
    return id_


def test_events_come_newest_first_and_in_pages(house: House) -> None:
    ids = [ask(house, "pager") for _ in range(3)]
    client = house.client("auditor")
    seen: list[Any] = []
    cursor: dict[str, str] = {}
    for _ in range(20):
        page = client.get(EVENTS, params={"actor": "pager", "limit": "2", **cursor}).json()
        seen += page["events"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert [one["id"] for one in seen] == sorted((one["id"] for one in seen), reverse=True)
    assert {one["request"] for one in seen} == set(ids)
    assert len(seen) == 6, "an intent and an outcome of each"


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=1001", "limit=x", "limit=", "status=40", "status=abc", "since=yesterday",
     "until=1", "cursor=abc", "nothing=1", "Actor=a", "actor=", "actor=" + "x" * 300,
     "actor=a&actor=b", "since=1h&since=2h"],
)  # fmt: skip
@pytest.mark.parametrize("path", [EVENTS, STREAM])
def test_a_wrong_filter_is_refused_in_words_and_recorded(
    house: House, path: str, query: str
) -> None:
    answer = house.client("auditor").get(f"{path}?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")
    assert len(answer.json()["error"]["message"]) > 10
    record = house.records_of(answer.headers["x-gateway-event"])[-1]
    assert (record["stage"], record["status"], record["decision"]) == ("outcome", 400, "deny")


def test_a_filter_finds_what_matches_and_nothing_else(house: House) -> None:
    ask(house, "seeker", "My card is 4111 1111 1111 1111")
    for name, value in {
        "actor": "seeker", "role": "analyst", "model": "demo-small", "decision": "block",
        "entity": "CREDIT_CARD", "status": "400", "route": "chat.completions", "scanner": "pii",
    }.items():  # fmt: skip
        assert name in FILTERS
        found = house.events(actor="seeker", **({} if name == "actor" else {name: value}))
        assert [one["decision"] for one in found] == ["block"], name
        # A value that there cannot be is refused.
        other = {"status": "599", "decision": "redact"}.get(name, "another")
        assert house.events(**{"actor": "seeker", name: other}) == [], name


def test_one_event_is_read_by_its_id(house: House) -> None:
    request = ask(house, "single")
    (_, outcome) = house.records_of(request)
    answer = house.client("auditor", subject="reader").get(f"{EVENTS}/{outcome['id']}")
    assert answer.json() == outcome
    newest = house.events(actor="reader")[0]
    assert newest["stage"] == "audit.read"


@pytest.mark.parametrize("id_", ["00000000-0000-7000-8000-000000000000", "x", "'--", "a" * 200])
def test_an_event_that_is_not_there(house: House, id_: str) -> None:
    answer = house.client("auditor").get(f"{EVENTS}/{id_}")
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "There is no event with this id."


def test_every_read_is_recorded_with_what_was_asked(house: House) -> None:
    client = house.client("auditor", subject="curious")
    client.get(EVENTS, params={"actor": "someone", "limit": "5"})
    record = house.events(actor="curious")[0]
    assert (record["stage"], record["decision"]) == ("audit.read", "allow")
    assert record["detail"] == {
        "path": EVENTS,
        "filters": {"actor": "someone", "limit": "5"},
    }


def test_the_log_shows_no_prompt_and_no_answer(house: House) -> None:
    ask(house, "private", "xyzzy-secret-prompt for carol@example.com")
    text = house.client("auditor").get(EVENTS, params={"actor": "private"}).text
    assert "xyzzy" not in text
    assert "carol@example.com" not in text


class Follower:
    """A live stream that is read in a thread of its own."""

    def __init__(self, house: House, last: str | None = None, **filters: str) -> None:
        headers = {"authorization": f"Bearer {house.token('auditor', subject='tail')}"}
        if last is not None:
            headers["last-event-id"] = last
        self.client = httpx.Client(base_url=house.url, headers=headers, trust_env=False, timeout=20)
        self.request = self.client.build_request("GET", STREAM, params=filters)
        self.answer = self.client.send(self.request, stream=True)
        self.lines: list[str] = []
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        try:
            for line in self.answer.iter_lines():
                self.lines.append(line)
        except (httpx.HTTPError, httpx.StreamError):
            return

    def checkpoint(self) -> dict[str, Any]:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            for _, kind, data in self._parse():
                if kind == "checkpoint":
                    return data
            time.sleep(0.01)
        raise AssertionError(f"no checkpoint came: {self.lines}")

    def events(self, count: int) -> list[tuple[str, str, dict[str, Any]]]:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            found = [one for one in self._parse() if one[1] != "checkpoint"]
            if len(found) >= count:
                return found
            time.sleep(0.01)
        raise AssertionError(f"{count} events did not come: {self.lines}")

    def _parse(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for block in "\n".join(self.lines).split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.splitlines() if line[:1] != ":")
            if "data" in fields:
                yield fields["id"], fields["event"], orjson.loads(fields["data"])

    def close(self) -> None:
        # A close from this thread would not wake the one that reads.
        stream = self.answer.extensions["network_stream"]
        stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self.thread.join(5)
        self.client.close()


def test_a_live_stream_gives_what_is_committed_and_resumes(house: House) -> None:
    first = Follower(house, actor="streamer")
    assert first.answer.headers["content-type"].startswith("text/event-stream")
    assert first.answer.headers["cache-control"] == "no-store"
    one = ask(house, "streamer")
    ask(house, "not-asked-for")
    seen = first.events(2)
    assert [(kind, event["stage"]) for _, kind, event in seen] == [
        ("record", "intent"),
        ("record", "outcome"),
    ]
    assert {event["request"] for _, _, event in seen} == {one}
    two = ask(house, "streamer")
    resumed = Follower(house, last=seen[-1][0], actor="streamer")
    assert {event["request"] for _, _, event in resumed.events(2)} == {two}
    resumed.close()
    first.close()


def test_a_stream_says_first_where_it_begins(house: House) -> None:
    ask(house, "before")
    follower = Follower(house, actor="nobody-yet")
    end = time.monotonic() + 10
    while "" not in follower.lines and time.monotonic() < end:
        time.sleep(0.01)
    start = next(line for line in follower.lines if line.startswith("id: ")).removeprefix("id: ")
    follower.close()
    one = ask(house, "nobody-yet")
    resumed = Follower(house, last=start, actor="nobody-yet")
    assert {event["request"] for _, _, event in resumed.events(2)} == {one}
    resumed.close()


def test_a_stream_says_that_the_log_was_signed(house: House) -> None:
    follower = Follower(house, actor="nobody-at-all")
    ask(house, "signed-for")
    checkpoint = follower.checkpoint()
    follower.close()
    assert checkpoint["size"] > 0
    assert checkpoint["note"].split("\n")[1] == str(checkpoint["size"])


def test_the_stream_itself_is_recorded(house: House) -> None:
    follower = Follower(house)
    id_ = follower.answer.headers["x-gateway-event"]
    follower.close()
    (record,) = [one for one in house.events(actor="tail") if one["request"] == id_]
    assert (record["stage"], record["detail"]["path"]) == ("audit.read", STREAM)


def test_a_cursor_that_is_none_of_ours_is_refused(house: House) -> None:
    client = house.client("auditor")
    answer = client.get(STREAM, headers={"last-event-id": "nonsense"})
    assert answer.status_code == 400


def test_with_the_log_off_there_is_nothing_to_read(tmp_path: Path) -> None:
    home = tmp_path / "plain"
    with build(home, edit=_without_audit()) as house:
        assert house.client("analyst").post("/v1/chat/completions", json=chat("Hi")).is_success
        client = house.client("auditor")
        for path in (EVENTS, f"{EVENTS}/x", STREAM):
            answer = client.get(path)
            assert answer.status_code == 404
            assert answer.json()["error"]["message"] == "The audit log is off."
        assert house.client().get("/gateway/health/ready").is_success


def _without_audit() -> dict[str, str]:
    return {
        "audit:\n": "audit: off\n",
        "  store: sqlite:///data/audit.db\n": "",
        "  durability: strict\n": "",
        "  recipients: [keys/auditor.pub]\n": "",
        "  signing_key: keys/log.key\n": "",
        "  index_key: keys/index.key\n": "",
    }


def test_slow_questions_held_up_the_scanning_of_long_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All threads of the loop read the log, and none was left for what is scanned in them."""
    may_end, reading = threading.Event(), threading.Semaphore(0)

    def slow(*arguments: Any) -> Any:
        reading.release()
        assert may_end.wait(30)
        return search(*arguments)

    monkeypatch.setattr("gateway.audit.query.search", slow)
    with build(tmp_path, policy=LEAN, edit={"signing_key:": "deadline: 2s\n  signing_key:"}) as own:
        ends: list[int] = []
        asking = [threading.Thread(target=_ask_events, args=(own, ends)) for _ in range(40)]
        for one in asking:
            one.start()
        for _ in range(4):
            assert reading.acquire(timeout=20)
        try:
            long = "a word and another " * 4000
            answer = own.client("analyst").post("/v1/chat/completions", json=chat(long))
            assert answer.status_code == 200
            # Those that find no thread in time hear it, in words that say nothing of others.
            refused = own.client("auditor").get(EVENTS)
            assert refused.status_code == 503
            assert refused.json()["error"] == {
                "code": "audit_unavailable",
                "message": AuditUnavailable.default,
                "type": "audit_unavailable",
            }
        finally:
            may_end.set()
            for one in asking:
                one.join(30)
        assert len(ends) == 40
        assert set(ends) <= {200, 503}
        assert ends.count(200) >= 4
        assert own.client("auditor").get(EVENTS).status_code == 200


def _ask_events(house: House, ends: list[int]) -> None:
    headers = {"authorization": f"Bearer {house.token('auditor')}"}
    with httpx.Client(
        base_url=house.url, headers=headers, timeout=60, trust_env=False, verify=NO_TLS
    ) as client:
        ends.append(client.get(EVENTS).status_code)
