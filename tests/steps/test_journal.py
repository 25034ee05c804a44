"""Records of calls: their fields, one outcome each, and nothing sealed where nothing is kept."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest
from click.testing import CliRunner
from decisions import allowing
from house import LEAN, House, build, chat

from gateway.audit.filters import Filters
from gateway.audit.keys import create_keys, load_auditor, load_index
from gateway.audit.opened import opened
from gateway.audit.opener import Opener
from gateway.audit.query import event, events
from gateway.audit.store.opening import open_reader
from gateway.audit.writer import AuditLog
from gateway.cli import main
from gateway.errors import AuditUnavailable
from gateway.ingress.guard import RequestHead
from gateway.settings import AuditSettings
from gateway.steps.activation import activate
from gateway.steps.call import Call
from gateway.steps.journal import Journal, actor, header_value
from gateway.steps.metrics import Metrics
from gateway.steps.packed_body import PackedBody

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

PATH: Final = "/v1/chat/completions"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build(tmp_path_factory.mktemp("journal"), policy=LEAN) as house:
        yield house


def records(house: House, text: str, *roles: str) -> list[dict[str, Any]]:
    answer = house.client(*roles).post(PATH, json=chat(text), headers={"user-agent": "tests"})
    return house.records_of(answer.headers["x-gateway-event"])


def test_both_records_say_who_asked_for_what(house: House) -> None:
    intent, outcome = records(house, "Mail ada@example.com.", "analyst")
    for one in (intent, outcome):
        assert one["actor"]["subject"] == "ada"
        assert one["actor"]["roles"] == ["analyst"]
        assert one["source"]["user_agent"] == "tests"
        assert (one["route"], one["model"]) == ("chat.completions", "demo-small")
        assert (one["upstream"], one["stream"]) == ("demo", False)
        assert one["rules"] == ["chat"]
        assert one["sealed"]["bytes"] > 0
    assert (intent["stage"], intent.get("status"), intent.get("timing")) == ("intent", None, None)
    assert (outcome["stage"], outcome["status"]) == ("outcome", 200)
    assert outcome["timing"]["upstream_ms"] > 0
    assert outcome["usage"]["input_tokens"] > 0
    assert intent["findings"][0]["entity"] == "EMAIL_ADDRESS"


def test_a_call_that_is_refused_has_one_outcome_and_no_intent(house: House) -> None:
    (outcome,) = records(house, "hello")
    assert (outcome["stage"], outcome["status"], outcome["actor"]) == ("outcome", 401, None)
    assert outcome["decision"] == "deny"


def test_what_was_matched_is_found_by_its_value_and_written_nowhere(
    house: House, capfd: pytest.CaptureFixture[str]
) -> None:
    value = "zaphod.beeblebrox@example.com"
    asked = records(house, f"Mail {value}, please.", "analyst")
    settings = house.settings.audit
    assert isinstance(settings, AuditSettings)
    assert settings.index_key is not None
    index = load_index(settings.index_key)
    found = events(settings.store, Filters(), value=index.search(value.upper())).events
    # The demo model answers with what it was asked, so the outcome held the value, too.
    assert {one["id"] for one in found} >= {asked[0]["id"]}
    assert {one["request"] for one in found} == {asked[0]["request"]}
    assert events(settings.store, Filters(), value=index.search("x@example.com")).events == ()
    stored = [path.read_bytes() for path in house.home.rglob("audit.db*")]
    assert stored
    assert all(value.encode() not in content for content in stored)
    assert "zaphod" not in "".join(capfd.readouterr())


def test_capture_none_keeps_no_sealed_part(tmp_path: Path) -> None:
    policy = LEAN.replace("capture: sealed", "capture: none")
    with build(tmp_path, policy=policy) as house:
        for text in ("hello", "my card is 4111 1111 1111 1111"):
            for one in records(house, text, "analyst"):
                assert one.get("sealed") is None
        assert isinstance(house.settings.audit, AuditSettings)
        with open_reader(house.settings.audit.store) as reader:
            # Nor anything that would find a value again.
            assert reader.rows("SELECT count(*) FROM blind") == [(0,)]


@pytest.mark.parametrize(
    ("more", "stage"),
    [("", "intent"), (" My card is 4111 1111 1111 1111.", "outcome")],
    ids=["forwarded", "blocked"],
)
def test_a_long_prompt_is_sealed_as_it_came(house: House, more: str, stage: str) -> None:
    text = "Some words.\n" * 400_000 + more
    # Spelled as nobody here would spell it.
    body = json.dumps(chat(text), indent=1).replace("words", "w\\u006frds", 1)
    answer = house.client("analyst").post(
        PATH, content=body, headers={"content-type": "application/json"}
    )
    found = next(
        one["id"]
        for one in house.records_of(answer.headers["x-gateway-event"])
        if one["stage"] == stage
    )
    home = house.home
    key, config = str(home / "keys" / "auditor.key"), str(home / "gateway.yaml")
    shown = CliRunner().invoke(main, ["audit", "show", found, "--key", key, "--json", "-c", config])
    assert json.loads(shown.stdout)["content"]["prompt"] == body
    assert answer.is_success == (stage == "intent")


async def test_an_outcome_is_counted_once(tmp_path: Path) -> None:
    metrics = Metrics()
    journal, call = Journal(None, metrics), _call(tmp_path)
    await journal.outcome(call)
    await journal.outcome(call)
    assert call.concluded
    assert metrics.registry.get_sample_value("gateway_overhead_seconds_count") == 1


async def test_without_a_log_records_and_what_is_sealed_in_them_were_made_for_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    for name in ("_record", "_sealed", "_with_prompt", "values_of", "spell"):
        monkeypatch.setattr(
            f"gateway.steps.journal.{name}", lambda *_, name=name, **__: made.append(name)
        )
    journal, call = Journal(None, Metrics()), _call(tmp_path)
    await (await journal.intent(call)).durable()
    assert call.body == b""
    await journal.outcome(call)
    assert (call.concluded, made) == (True, [])


def test_a_call_of_nobody_has_no_actor() -> None:
    assert actor(None, frozenset()) is None


def test_the_first_value_of_a_header_is_the_records() -> None:
    headers = ((b"a", b"1"), (b"user-agent", b"x"), (b"user-agent", b"y"))
    assert header_value(headers, b"user-agent") == "x"
    assert header_value(headers, b"none") is None


class _Held(PackedBody):
    """A packed body that says which thread unpacks it, and waits there until it may go on."""

    __slots__ = ("begun", "go_on", "thread")

    def __init__(self, text: bytes) -> None:
        super().__init__([text])
        self.begun, self.go_on, self.thread = threading.Event(), threading.Event(), 0

    def unpacked(self) -> bytearray:
        self._wait()
        return super().unpacked()

    def used_up(self) -> bytearray:
        self._wait()
        return super().used_up()

    def _wait(self) -> None:
        self.thread = threading.get_ident()
        self.begun.set()
        assert self.go_on.wait(60)


@asynccontextmanager
async def _log_in(folder: Path) -> AsyncIterator[tuple[AuditLog, AuditSettings]]:
    create_keys(folder / "keys", "log.example")
    settings = AuditSettings.model_validate(
        {
            "store": f"sqlite:///{folder / 'audit.db'}",
            "recipients": (folder / "keys/auditor.pub",),
            "signing_key": folder / "keys/log.key",
        }
    )
    log = AuditLog.open(settings)
    try:
        yield log, settings
    finally:
        await log.close()


@pytest.mark.parametrize("stage", ["intent", "outcome"])
async def test_a_long_body_is_unpacked_in_a_thread_and_recorded_though_its_caller_is_cancelled(
    tmp_path: Path, stage: str
) -> None:
    body = _Held(b"Some words. " * 30_000)
    async with _log_in(tmp_path) as (log, settings):
        journal, call = Journal(log, Metrics()), _call(tmp_path)
        call.body, call.decision = body, allowing()
        task = asyncio.ensure_future(getattr(journal, stage)(call))
        # The event loop turns while another thread unpacks it.
        await asyncio.to_thread(body.begun.wait, 60)
        assert body.thread != threading.get_ident()
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
        body.go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        # Whoever is cancelled says so once more; that is no other record of the same end.
        await journal.outcome(call)
    opener = Opener(load_auditor(tmp_path / "keys" / "auditor.key"))
    found = {}
    for header in events(settings.store, Filters(request=call.request)).events:
        stored = event(settings.store, header["id"])
        assert stored is not None
        found[header["stage"]] = opened(stored, opener)
    assert found[stage]["prompt"] == "Some words. " * 30_000
    assert "outcome" in found
    assert sum("prompt" in sealed for sealed in found.values()) == 1


async def test_a_long_body_that_cannot_be_recorded_is_there_for_another_record(
    tmp_path: Path,
) -> None:
    body, metrics = _Held(b"Some words. " * 30_000), Metrics()
    async with _log_in(tmp_path) as (log, _):
        journal, call = Journal(log, metrics), _call(tmp_path)
        call.body, call.decision = body, allowing()
        task = asyncio.ensure_future(journal.outcome(call))
        await asyncio.to_thread(body.begun.wait, 60)
        await log.close()
        task.cancel()
        body.go_on.set()
        with pytest.raises(AuditUnavailable):
            await task
    assert (call.concluded, call.body) == (False, body)
    assert metrics.registry.get_sample_value("gateway_audit_failures_total") == 1


def _call(folder: Path) -> Call:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(_: Any) -> None:
        return None

    policy = folder / "policy.yaml"
    policy.write_text(LEAN)
    head = RequestHead("POST", PATH.encode(), b"", "1.1", ())
    return Call(head, None, receive, send, activate([policy]))
