"""A running gateway with a witness, a mirror and sinks, and what an owner of its store may try."""

from __future__ import annotations

import shutil
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import orjson
import pytest
from house import LEAN, House, build, chat, run_gateway
from process import run
from receivers import HttpReceiver, black_hole, receive_http

from gateway.audit.checkpoint import read_checkpoint, witnesses_of
from gateway.audit.keys import load_verifiers
from gateway.audit.store.opening import open_reader
from gateway.cli.witness import _create
from gateway.demo.running import free_port, serve
from gateway.settings import AuditSettings, load_settings
from gateway.witness.application import witness_app
from gateway.witness.keys import load_cosigner
from gateway.witness.store import WitnessStore
from gateway.witness.witness import Witness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from postgres_server import PostgresServer


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def _house(folder: Path, sinks: str = "", store: str | None = None) -> Iterator[House]:
    """A house whose settings name a port that its witness may listen at."""
    port = free_port()
    (folder / "worm").mkdir()
    more = f"""\
signing_key: keys/log.key
  witnesses: [{{url: "http://127.0.0.1:{port}", vkey: ../w/witness.vkey}}]
  mirror: {{folder: ../worm}}
{sinks}"""

    def prepare(home: Path) -> None:
        _create(folder / "w", [home / "keys/log.vkey"], "w1")

    edit = {"signing_key: keys/log.key\n": more}
    if store is not None:
        edit["store: sqlite:///data/audit.db"] = f"store: {store}"
    with build(folder, policy=LEAN, edit=edit, prepare=prepare) as house:
        yield house


def _url(house: House) -> str:
    assert isinstance(house.settings.audit, AuditSettings)
    return house.settings.audit.store


def _notes(house: House) -> list[str]:
    with open_reader(_url(house)) as reader:
        return [row[0] for row in reader.rows("SELECT note FROM checkpoints ORDER BY number")]


def _metric(house: House, line: str) -> float:
    text = house.client("auditor").get("/gateway/metrics").text
    (found,) = [one for one in text.splitlines() if one.startswith(line)]
    return float(found.rpartition(" ")[2])


@contextmanager
def _witness(tmp_path: Path, port: int) -> Iterator[WitnessStore]:
    """A running witness; gives what it remembers."""
    store = WitnessStore(tmp_path / "w/witness.db")
    logs = load_verifiers(tmp_path / "home/keys/log.vkey")
    witness = Witness(store, load_cosigner(tmp_path / "w/witness.key"), logs)
    with serve(witness_app(witness, store), port):
        yield store
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_store(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The URL of a store; None for the one of the home."""
    if request.param == "sqlite":
        yield None
        return
    server: PostgresServer = request.getfixturevalue("shared_postgres")
    database = server.make()
    yield server.url(database)
    server.drop(database)


def test_checkpoints_are_cosigned_and_mirrored(tmp_path: Path, any_store: str | None) -> None:
    with _house(tmp_path, store=any_store) as house:
        failing = 'gateway_audit_outside_failing{to="w1"}'
        _wait(lambda: _metric(house, failing) == 1)
        assert isinstance(house.settings.audit, AuditSettings)
        port = int(house.settings.audit.witnesses[0].url.rpartition(":")[2])
        with _witness(tmp_path, port) as store:
            vkeys = load_verifiers(tmp_path / "w/witness.vkey")
            _wait(lambda: any(witnesses_of(note, vkeys) for note in _notes(house)))
            _wait(lambda: _metric(house, failing) == 0)
            answer = house.client("analyst").post("/v1/chat/completions", json=chat("hi"))
            assert answer.status_code == 200
            known = store.all()[0].size
            _wait(lambda: store.all()[0].size > known)
        _wait(lambda: _mirrored(tmp_path / "worm") > 0)
    logs = load_verifiers(house.home / "keys/log.vkey")
    for path in (tmp_path / "worm").rglob("*"):
        if path.is_file():
            assert read_checkpoint(path.read_text(), logs).checkpoint.size == int(path.name)
    # The last checkpoint, of the stop itself, is kept, too.
    sizes = [read_checkpoint(note, logs).checkpoint.size for note in _notes(house)]
    assert _mirrored(tmp_path / "worm") == max(sizes)


def _verified(tmp_path: Path) -> tuple[int, str]:
    """The exit code of a verification that holds the store against all that is outside of it."""
    outside = ["--witness", "../w/witness.vkey", "--checkpoint", "../worm"]
    done = run("audit", "verify", "-c", "gateway.yaml", *outside, cwd=tmp_path / "home")
    return done.returncode, done.stdout + done.stderr


def test_who_verifies_sees_what_is_outside_of_the_store(tmp_path: Path) -> None:
    with _house(tmp_path) as house:
        assert isinstance(house.settings.audit, AuditSettings)
        port = int(house.settings.audit.witnesses[0].url.rpartition(":")[2])
        with _witness(tmp_path, port) as store:
            _wait(lambda: len(store.all()) == 1)
            vkeys = load_verifiers(tmp_path / "w/witness.vkey")
            _wait(lambda: any(witnesses_of(note, vkeys) for note in _notes(house)))
    data, copy = house.home / "data", tmp_path / "copy"
    shutil.copytree(data, copy)
    code, said = _verified(tmp_path)
    assert code == 0, said
    count = _mirrored(tmp_path / "worm")
    with run_gateway(house.settings):
        _wait(lambda: _mirrored(tmp_path / "worm") > count)
    shutil.rmtree(data)
    shutil.copytree(copy, data)
    code, said = _verified(tmp_path)
    assert code == 1, said


def test_an_older_copy_of_the_store_is_not_signed_on(tmp_path: Path) -> None:
    with _house(tmp_path) as house:
        _wait(lambda: len(_notes(house)) > 0)
        settings = house.settings
    data, copy = house.home / "data", tmp_path / "copy"
    shutil.copytree(data, copy)
    count = _mirrored(tmp_path / "worm")
    with run_gateway(settings):
        _wait(lambda: _mirrored(tmp_path / "worm") > count)
    shutil.rmtree(data)
    shutil.copytree(copy, data)
    with run_gateway(load_settings(house.home / "gateway.yaml")) as url:
        _wait(lambda: "audit_tree" in _unready(url))
        time.sleep(1.5)
        assert "audit_tree" in _unready(url)
    with open_reader(_url(house)) as reader, open_reader(f"sqlite:///{copy}/audit.db") as older:
        sql = "SELECT count(*) FROM checkpoints"
        assert reader.rows(sql) == older.rows(sql)


def _mirrored(worm: Path) -> int:
    return max((int(path.name) for path in worm.rglob("*") if path.name.isdecimal()), default=0)


def _unready(url: str) -> str:
    return httpx.get(f"{url}/gateway/health/ready", trust_env=False).text


def _sink(receiver_url: str) -> str:
    return f'  sinks: {{siem: {{kind: webhook, url: "{receiver_url}", batch: 5}}}}\n'


def _ids(receiver: HttpReceiver) -> list[str]:
    lines = [line for posted in receiver.seen for line in posted.body.splitlines()]
    return [str(orjson.loads(line)["id"]) for line in lines]


def test_a_sink_gets_every_record_in_order_also_of_the_end(
    tmp_path: Path, any_store: str | None
) -> None:
    with receive_http() as receiver:
        with _house(tmp_path, _sink(receiver.url), any_store) as house:
            client = house.client("analyst")
            for number in range(6):
                body = chat(f"hello {number}")
                assert client.post("/v1/chat/completions", json=body).status_code == 200
            _wait(lambda: _metric(house, 'gateway_audit_sink_records_total{sink="siem"}') > 10)
            _wait(lambda: _metric(house, 'gateway_audit_sink_lag{sink="siem"}') <= 2)
        with open_reader(_url(house)) as reader:
            stored = [row[0] for row in reader.rows("SELECT id FROM records ORDER BY seq")]
        assert _ids(receiver) == stored


def test_a_black_hole_holds_up_neither_requests_nor_the_end(tmp_path: Path) -> None:
    with black_hole() as port:
        with _house(tmp_path, _sink(f"http://127.0.0.1:{port}")) as house:
            client = house.client("analyst")
            for _ in range(5):
                answer = client.post("/v1/chat/completions", json=chat("hello"))
                assert answer.status_code == 200
            began = time.monotonic()
        # The deadline of the sink alone is ten seconds, for each of its tries.
        assert time.monotonic() - began < 9


@pytest.mark.parametrize("what", ["the prompt"])
def test_what_is_sealed_never_leaves(tmp_path: Path, what: str) -> None:
    with receive_http() as receiver:
        with _house(tmp_path, _sink(receiver.url)) as house:
            body = chat(f"keep {what} xylophone-tangerine to yourself")
            house.client("analyst").post("/v1/chat/completions", json=body)
            _wait(lambda: b'"outcome"' in b"".join(one.body for one in receiver.seen))
        assert b"xylophone" not in b"".join(one.body for one in receiver.seen)
