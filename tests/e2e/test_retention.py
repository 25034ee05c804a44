"""A gateway prunes what it wrote days ago, keeps what is held, and its log still proves all of it.

The shortest period is an hour, so the past is written by gateways whose clock is behind: they are
whole, and what they write, seal and sign is what they would have written then.
"""

from __future__ import annotations

import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final

import httpx
import orjson
import pytest
from click.testing import CliRunner
from house import LEAN, NO_TLS, chat, run_gateway
from process import make_home

from gateway.audit.store.opening import open_reader, open_store
from gateway.cli import main
from gateway.demo.model_server import demo_app
from gateway.demo.running import serve
from gateway.identity.issuer import issue
from gateway.settings import AuditSettings, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from postgres_server import PostgresServer

    from gateway.settings import Settings

_RETENTION: Final = "retention: {sealed: 1h, headers: 2h, proofs: 1d}"
_FILES: Final = (".key", ".vkey", ".tlog-proof")
_DAY: Final = 86_400
_HOUR: Final = 3600


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return "sqlite:///data/audit.db"
    server: PostgresServer = request.getfixturevalue("shared_postgres")
    return server.url(server.make())


@contextmanager
def _past(seconds: float) -> Iterator[None]:
    """This process's clock is so many seconds behind."""
    now, nanoseconds = time.time, time.time_ns
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.time", lambda: now() - seconds)
        patch.setattr("time.time_ns", lambda: nanoseconds() - round(seconds * 1e9))
        yield


def _tokens(settings: Settings) -> dict[str, str]:
    """Made by today's clock, by which tokens are also judged: their modules took it long ago."""
    issuer = settings.identity.issuers[0]
    return {
        name: issue(issuer, roles=["analyst"], subject=name, ttl=600)
        for name in ("ada", "bob", "eve")
    }


def _ask(settings: Settings, url: str, subject: str, token: str) -> str:
    """A call of somebody, and the checkpoint that covers it; gives the id of its intent."""
    headers = {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, trust_env=False, verify=NO_TLS) as client:
        answer = client.post("/v1/chat/completions", json=chat(f"a question of {subject}"))
    assert answer.status_code == 200, answer.text
    request = answer.headers["x-gateway-event"]
    wanted = "SELECT seq, id FROM records WHERE request = ? AND stage = ?"
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        outcome = _rows(settings, wanted, request, "outcome")
        covered = _rows(settings, "SELECT max(size) FROM checkpoints")[0][0] or 0
        if outcome and outcome[0][0] <= covered:
            return str(_rows(settings, wanted, request, "intent")[0][1])
        time.sleep(0.05)
    raise AssertionError("the call was not covered by a checkpoint")


def _retain(home: Path) -> None:
    """What expires is taken out from now on."""
    file = home / "gateway.yaml"
    text = file.read_text()
    assert "signing_key: keys/log.key\n" in text
    added = f"signing_key: keys/log.key\n  {_RETENTION}\n"
    file.write_text(text.replace("signing_key: keys/log.key\n", added))


def _rows(settings: Settings, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    assert isinstance(settings.audit, AuditSettings)
    with open_reader(settings.audit.store) as reader:
        return reader.rows(sql, values)


def _told(settings: Settings) -> dict[str, dict[str, Any]]:
    """What the newest record of each kind of pruning says."""
    rows = _rows(settings, "SELECT header FROM records WHERE stage = 'audit.pruned' ORDER BY seq")
    details = [orjson.loads(raw)["detail"] for (raw,) in rows]
    return {detail["what"]: detail for detail in details}


def _until_pruned(settings: Settings, *kinds: str) -> None:
    """Waits until the records are there, and what they say is done."""
    deadline = time.monotonic() + 90
    while not {f"pruned.{kind}" for kind in kinds} <= {
        key for (key,) in _rows(settings, "SELECT key FROM meta")
    }:
        assert time.monotonic() < deadline, _told(settings)
        time.sleep(0.1)


def _audit(home: Path, *arguments: str, code: int = 0) -> str:
    """What a command prints, or what it says where it ends with another code."""
    places = [str(home / one) if one.endswith(_FILES) else one for one in arguments]
    config = ("-c", str(home / "gateway.yaml"))
    done = CliRunner().invoke(main, ["audit", *places, *config])
    assert done.exit_code == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


def _noon_of_three_days_ago() -> float:
    now = time.time()
    return now - (now // _DAY * _DAY - 3 * _DAY + _DAY / 2)


@pytest.mark.slow
def test_a_gateway_prunes_each_kind_by_its_period_and_keeps_what_is_held(
    tmp_path: Path, store: str
) -> None:
    home = tmp_path / "home"
    with serve(demo_app()) as upstream:
        settings = make_home(home, upstream, LEAN, store)
        tokens = _tokens(settings)
        with _past(_noon_of_three_days_ago()), run_gateway(settings) as url:
            old = {name: _ask(settings, url, name, tokens[name]) for name in ("ada", "bob", "eve")}
        days = _rows(settings, "SELECT number, size FROM checkpoints ORDER BY number")
        assert len(days) >= 3
        _audit(home, "prove", old["ada"], "-o", "ada.tlog-proof")
        with _past(1.5 * _HOUR), run_gateway(settings) as url:
            later = _ask(settings, url, "ada", tokens["ada"])
        _audit(home, "hold", "add", "--subject", "bob", "--reason", "case 7")
        _retain(home)
        with run_gateway(load_settings(home / "gateway.yaml")) as url:
            _until_pruned(settings, "sealed", "headers", "proofs")
            new = _ask(settings, url, "ada", tokens["ada"])

        told = _told(settings)
        assert {kind: told[kind]["kept"] for kind in ("sealed", "headers")} == {
            "sealed": 2, "headers": 2,
        }  # fmt: skip
        # Of each of three calls, and of one that is newer than a header's period, two parts.
        assert told["sealed"]["pruned"] == 6
        assert told["proofs"]["pruned"] == len(days) - 1
        left = _rows(settings, "SELECT number FROM checkpoints ORDER BY number")
        assert left[0] == days[-1][:1]

        # Each by its own period, in words.
        for name in ("ada", "eve"):
            words = _audit(home, "show", old[name], code=2)
            assert "retention has pruned its header, as record " in words
        words = _audit(home, "show", later, "--key", "keys/auditor.key")
        assert "retention has pruned its sealed part, as record " in words
        assert "ada" in words
        for name, event in (("bob", old["bob"]), ("ada", new)):
            words = _audit(home, "show", event, "--key", "keys/auditor.key")
            assert f"a question of {name}" in words

        # All of it is verified, and a proof that was kept still proves what is gone.
        report = orjson.loads(_audit(home, "verify", "--key", "keys/auditor.key", "--json"))
        assert (report["ok"], report["opened"], report["pruned_parts"]) == (True, 4, 2)
        assert report["pruned_headers"] == told["headers"]["pruned"]
        assert "pruned by retention: " in _audit(home, "verify")
        checked = _audit(
            home, "prove", "--check", "ada.tlog-proof", "--vkey", "keys/log.vkey", "--json"
        )
        assert orjson.loads(checked)["header"]["actor"]["subject"] == "ada"

        # Once it is released it goes as well.
        _audit(home, "hold", "release", "1", "--reason", "settled")
        with run_gateway(load_settings(home / "gateway.yaml")):
            deadline = time.monotonic() + 90
            while _rows(settings, "SELECT value FROM meta WHERE key = 'held.headers'") != [("0",)]:
                assert time.monotonic() < deadline, _told(settings)
                time.sleep(0.1)
        assert "retention has pruned its header" in _audit(home, "show", old["bob"], code=2)
        assert orjson.loads(_audit(home, "verify", "--json"))["ok"]


@pytest.mark.slow
def test_what_a_hold_kept_cannot_go_under_the_cover_of_a_pruning(
    tmp_path: Path, store: str
) -> None:
    home = tmp_path / "home"
    with serve(demo_app()) as upstream:
        settings = make_home(home, upstream, LEAN, store)
        tokens = _tokens(settings)
        with _past(_noon_of_three_days_ago()), run_gateway(settings) as url:
            old = {name: _ask(settings, url, name, tokens[name]) for name in ("ada", "bob")}
        _audit(home, "hold", "add", "--subject", "bob", "--reason", "case 7")
        _retain(home)
        with run_gateway(load_settings(home / "gateway.yaml")):
            _until_pruned(settings, "sealed", "headers")
    assert isinstance(settings.audit, AuditSettings)
    _audit(home, "verify")
    with closing(open_store(settings.audit.store, 5.0, "open")) as store_, store_.work() as work:
        ((seq,),) = work.rows("SELECT seq FROM records WHERE id = ?", (old["bob"],))
        work.drop_parts([seq])
    words = _audit(home, "verify", code=1)
    assert "1 sealed parts up to record" in words
