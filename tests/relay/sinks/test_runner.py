"""Every record arrives at least once and in order, whatever the sink and the process do."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import orjson
import pytest
from audit_folder import call_of, make_audit_folder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from receivers import HttpReceiver, black_hole, receive_http, receive_syslog
from structlog.testing import capture_logs

from gateway.audit.filters import Filters
from gateway.audit.ledger import Item
from gateway.audit.store.opening import open_reader, open_store
from gateway.relay.outlet import Outlet, Undelivered
from gateway.relay.sinks import runner as module
from gateway.relay.sinks.parcel import Parcel, Sink, TooLarge
from gateway.relay.sinks.runner import Runner, Share
from gateway.relay.sinks.syslog import Syslog
from gateway.relay.sinks.webhook import Webhook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from postgres_server import PostgresServer

    from gateway.audit.ledger import Ledger

_ALL = Share(Filters(), 3)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PACE", 0.01)
    monkeypatch.setattr(module, "_PAUSE", 0.01)
    monkeypatch.setattr(module, "_LONGEST", 0.05)


@contextmanager
def _running(
    sink: Sink, store: str, share: Share = _ALL, leads: Callable[[], bool] = lambda: True
) -> Iterator[Runner]:
    runner = Runner("siem", sink, store, share, leads)
    runner.start()
    try:
        yield runner
    finally:
        runner.stop(10)


def _write(ledger: Ledger, *models: str) -> None:
    for model in models:
        ledger.commit([Item(call_of("alice", model=model))])
        # As an audit log does: PostgreSQL's readers see records then.
        ledger.tidy()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Ledger, str]]:
    """A writer and the URL of its store, of either kind: what is tested must hold for both."""
    if request.param == "sqlite":
        yield request.getfixturevalue("ledger"), request.getfixturevalue("store")
        return
    server: PostgresServer = request.getfixturevalue("shared_postgres")
    database = server.make()
    ledger = make_audit_folder(tmp_path, server.url(database))
    ledger.commit([])
    yield ledger, server.url(database)
    ledger.close()
    server.drop(database)


def _webhook(receiver: HttpReceiver) -> Webhook:
    return Webhook(Outlet(receiver.url, 5.0), "jsonl")


def _seen(receiver: HttpReceiver) -> list[str | None]:
    """The models of calls, in the order in which they arrived."""
    lines = [line for posted in receiver.seen for line in posted.body.splitlines()]
    return [one["model"] for one in map(orjson.loads, lines) if one["stage"] == "outcome"]


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def _position(store: str) -> int:
    with open_reader(store) as reader:
        rows = reader.rows("SELECT position FROM cursors WHERE name = 'sink.siem'")
    return int(rows[0][0]) if rows else 0


def test_all_of_the_log_arrives_in_order_and_goes_on_after_a_restart(
    any_log: tuple[Ledger, str],
) -> None:
    ledger, store = any_log
    names = [f"m{number}" for number in range(10)]
    with receive_http() as receiver:
        _write(ledger, *names[:5])
        with _running(_webhook(receiver), store) as runner:
            _wait(lambda: _seen(receiver) == names[:5])
            _write(ledger, *names[5:8])
            _wait(lambda: _seen(receiver) == names[:8])
            _wait(lambda: (runner.delivered, runner.lag) == (9, 0))
            assert (runner.failures, runner.problem) == (0, None)
        assert _position(store) == 9
        _write(ledger, *names[8:])
        with _running(_webhook(receiver), store):
            _wait(lambda: _seen(receiver) == names)


def test_a_sink_that_dies_costs_delay_and_nothing_else(
    any_log: tuple[Ledger, str],
) -> None:
    ledger, store = any_log
    with receive_http() as receiver:
        sink = _webhook(receiver)
        with _running(sink, store) as runner:
            _write(ledger, "a", "b")
            _wait(lambda: _seen(receiver) == ["a", "b"])
            receiver.answer = lambda _posted: (503, {}, b"")
            _write(ledger, "c")
            _wait(lambda: runner.failures > 2)
            assert runner.problem == "the receiver refuses with status 503"
            assert (_position(store), runner.lag) == (3, 1)
            _write(ledger, "d")
            receiver.answer = lambda _posted: (200, {}, b"")
            _wait(lambda: _position(store) == 5)
            _wait(lambda: runner.problem is None)
    found = _seen(receiver)
    assert sorted(set(found), key=found.index) == ["a", "b", "c", "d"]
    assert found.count("a") == found.count("b") == 1


def test_a_receiver_that_is_killed_and_comes_back_gets_all_of_it(
    ledger: Ledger, store: str
) -> None:
    names = [f"m{number}" for number in range(30)]
    with receive_syslog() as receiver:
        sink = Syslog("127.0.0.1", receiver.port, "jsonl", 1.0, None)
        with _running(sink, store) as runner:
            _write(ledger, *names[:10])
            _wait(lambda: _position(store) == 11)
            receiver.kill()
            _write(ledger, *names[10:20])
            _wait(lambda: runner.failures > 0)
            with receive_syslog(None, receiver.port) as again:
                _write(ledger, *names[20:])
                _wait(lambda: _position(store) == 31)
                texts = [*receiver.seen, *again.seen]
                lines = [orjson.loads(text[text.index(b"{") :]) for text in texts]
                found = [one["model"] for one in lines if one["stage"] == "outcome"]
    assert sorted(set(found), key=found.index) == names
    assert all(found.count(name) == 1 for name in names[20:])


def test_only_the_one_that_leads_sends(
    any_log: tuple[Ledger, str],
) -> None:
    ledger, store = any_log
    leader, asked = [0], [0, 0]

    def leads(number: int) -> bool:
        asked[number - 1] += 1
        return leader[0] == number

    def lead(number: int) -> None:
        """Another leads, and both have seen it: one that has just asked still sends."""
        leader[0] = number
        before = list(asked)
        _wait(lambda: all(now > then + 1 for now, then in zip(asked, before, strict=True)))

    with receive_http() as receiver:
        first = _running(_webhook(receiver), store, leads=lambda: leads(1))
        second = _running(_webhook(receiver), store, leads=lambda: leads(2))
        with first as one, second as two:
            _write(ledger, "a")
            lead(0)
            assert receiver.seen == []
            lead(1)
            _wait(lambda: one.delivered == 2)
            lead(2)
            _write(ledger, "b")
            _wait(lambda: two.delivered == 1)
            lead(1)
            _write(ledger, "c")
            _wait(lambda: one.delivered == 3)
        assert (two.delivered, _position(store)) == (1, 4)
        assert _seen(receiver) == ["a", "b", "c"]


def test_a_cursor_never_goes_back(ledger: Ledger, store: str) -> None:
    _write(ledger, "a", "b", "c")
    with receive_http() as receiver:
        slow, go = threading.Event(), threading.Event()

        def answer(_posted: object) -> tuple[int, dict[str, str], bytes]:
            slow.set()
            go.wait(10)
            return 200, {}, b""

        receiver.answer = answer
        with _running(_webhook(receiver), store, Share(Filters(), 1)):
            slow.wait(10)
            # The former leader is still waiting for its yes when the next one has gone on.
            ledger_path = store.removeprefix("sqlite:///")
            with closing(sqlite3.connect(ledger_path)) as other, other:
                other.execute("INSERT INTO cursors VALUES ('sink.siem', 4)")
            go.set()
            _wait(lambda: len(receiver.seen) > 1)
            assert _position(store) == 4


def test_filters_choose_and_the_cursor_passes_the_rest(
    any_log: tuple[Ledger, str],
) -> None:
    ledger, store = any_log
    with receive_http() as receiver:
        share = Share(Filters(model="b"), 2)
        with _running(_webhook(receiver), store, share) as runner:
            _write(ledger, "a", "b", "c", "a", "b", "c")
            _wait(lambda: _position(store) == 7)
            _wait(lambda: runner.delivered == 2)
            assert _seen(receiver) == ["b", "b"]


def test_a_cursor_that_is_none_leaves_nothing_out(ledger: Ledger, store: str) -> None:
    # No number is greater than a text: nothing was ever sent again, and nothing said so.
    _write(ledger, "a", "b")
    with closing(open_store(store, 1.0, "open")) as opened, opened.work() as work:
        work.run("INSERT INTO cursors VALUES ('sink.siem', 'planted')")
    with receive_http() as receiver, _running(_webhook(receiver), store):
        _wait(lambda: _seen(receiver) == ["a", "b"])


def test_too_large_parcels_become_smaller(ledger: Ledger, store: str) -> None:
    names = [f"m{number}" for number in range(12)]
    _write(ledger, *names)
    with receive_http() as receiver:
        receiver.answer = lambda posted: (413 if posted.body.count(b"\n") > 2 else 200, {}, b"")
        with _running(_webhook(receiver), store, Share(Filters(), 12)):
            _wait(lambda: _position(store) == 13)
        taken = [posted for posted in receiver.seen if posted.body.count(b"\n") <= 2]
        receiver.seen[:] = taken
        assert _seen(receiver) == names


def test_parcels_are_bounded_in_bytes(
    ledger: Ledger, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_BYTES", 1000)
    names = [f"m{number}" for number in range(6)]
    _write(ledger, *names)
    with receive_http() as receiver:
        with _running(_webhook(receiver), store, Share(Filters(), 100)):
            _wait(lambda: _position(store) == 7)
        assert len(receiver.seen) >= 4
        assert _seen(receiver) == names


def test_a_damaged_record_is_told_and_holds_nobody_up(ledger: Ledger, store: str) -> None:
    _write(ledger, "a", "b", "c")
    with closing(sqlite3.connect(store.removeprefix("sqlite:///"))) as tamper, tamper:
        tamper.execute("UPDATE records SET header = 5 WHERE seq = 3")
        tamper.execute("DELETE FROM records WHERE seq = 2")
    with receive_http() as receiver, capture_logs() as logged:
        with _running(_webhook(receiver), store, Share(Filters(), 1)):
            _wait(lambda: _position(store) == 4)
        assert _seen(receiver) == ["c"]
    told = {one["event"]: one for one in logged}
    assert told["record_damaged"]["seq"] == 3
    assert told["records_gone_before_delivery"]["count"] == 1


def test_a_store_that_is_away_is_waited_for(tmp_path: Path, ledger: Ledger, store: str) -> None:
    path = tmp_path / "data"
    path.rename(tmp_path / "away")
    with receive_http() as receiver, _running(_webhook(receiver), store) as runner:
        _wait(lambda: runner.failures > 0)
        (tmp_path / "away").rename(path)
        _wait(lambda: len(receiver.seen) == 1)
        _wait(lambda: runner.problem is None)


def test_a_new_store_is_sent_from_its_beginning(tmp_path: Path, ledger: Ledger, store: str) -> None:
    with receive_http() as receiver, _running(_webhook(receiver), store):
        _write(ledger, "a", "b")
        _wait(lambda: _seen(receiver) == ["a", "b"])
        ledger.close()
        (tmp_path / "data").rename(tmp_path / "old")
        (tmp_path / "keys").rename(tmp_path / "old-keys")
        again = make_audit_folder(tmp_path)
        _write(again, "c")
        _wait(lambda: _seen(receiver) == ["a", "b", "c"])
        again.close()


def test_a_black_hole_does_not_hold_up_the_end(ledger: Ledger, store: str) -> None:
    with black_hole() as port:
        webhook = Webhook(Outlet(f"http://127.0.0.1:{port}", 30.0), "jsonl")
        runner = Runner("siem", webhook, store, _ALL, lambda: True)
        runner.start()
        time.sleep(0.2)
        began = time.monotonic()
        runner.stop(0.2)
        # The sink alone would take its deadline of half a minute.
        assert time.monotonic() - began < 10
        assert runner._thread.daemon
    runner._thread.join(10)


def test_what_is_left_is_sent_at_the_end(
    ledger: Ledger, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receive_http() as receiver:
        with _running(_webhook(receiver), store) as runner:
            _wait(lambda: _position(store) == 1)
            monkeypatch.setattr(module, "_PACE", 60.0)
            monkeypatch.setattr(module, "_PAUSE", 60.0)
            time.sleep(0.05)
            _write(ledger, *(f"m{number}" for number in range(8)))
            runner.stop(10)
        assert len(_seen(receiver)) == 8


def test_a_sink_that_fails_in_its_own_way_does_not_end_the_thread(
    ledger: Ledger, store: str
) -> None:
    sink = _Scripted([ZeroDivisionError(), RuntimeError("secret words")])
    with _running(sink, store) as runner:
        _wait(lambda: runner.failures == 1)
        assert runner.problem == "unexpected ZeroDivisionError"
        _wait(lambda: _position(store) == 1)


class _Scripted:
    """Fails as it is told, before or after it has taken a parcel, and then works."""

    def __init__(self, script: list[Exception | None]) -> None:
        self._script = script
        self.taken: list[int] = []

    def send(self, parcel: Parcel) -> None:
        failure = self._script.pop(0) if self._script else None
        if failure is None or "after" in str(failure):
            self.taken += parcel.seqs
        if failure is not None:
            raise failure

    def close(self) -> None:
        pass


_fates = st.lists(
    st.sampled_from(["yes", "before", "after", "large"]).map(
        lambda word: {
            "yes": None,
            "before": Undelivered("before"),
            "after": Undelivered("after"),
            "large": TooLarge("before"),
        }[word]
    ),
    max_size=12,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=_fates, batch=st.integers(1, 7), count=st.integers(1, 20))
def test_whatever_fails_all_arrives_in_order_with_repeats_around_failures(
    tmp_path_factory: pytest.TempPathFactory, script: list[Exception | None], batch: int, count: int
) -> None:
    folder = tmp_path_factory.mktemp("log")
    ledger = make_audit_folder(folder)
    ledger.commit([Item(call_of("alice")) for _ in range(count)])
    store = f"sqlite:///{folder}/data/audit.db"
    repeats = sum(1 for one in script if one is not None and "after" in str(one))
    sink = _Scripted(list(script))
    with _running(sink, store, Share(Filters(), batch)):
        _wait(lambda: _position(store) == count + 1)
    ledger.close()
    firsts = [seq for at, seq in enumerate(sink.taken) if seq not in sink.taken[:at]]
    assert firsts[: count + 1] == list(range(1, count + 2))
    assert len(sink.taken) - len(firsts) <= repeats * batch
