"""``gateway audit``, against a store and against a gateway's HTTP."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest
from audit_folder import SECRET, SETTINGS, fill, make_audit_folder, order
from click.testing import CliRunner, Result

from gateway.audit.filters import Filters
from gateway.audit.keys import create_keys
from gateway.audit.query import event, events
from gateway.audit.store.sqlite_reader import SqliteReader
from gateway.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.audit.ledger import Ledger

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return make_audit_folder(tmp_path)


@pytest.fixture
def folder(tmp_path: Path, ledger: Ledger) -> Path:
    fill(ledger)
    ledger.close()
    return tmp_path


def _store(folder: Path) -> str:
    return f"sqlite:///{folder}/data/audit.db"


def _run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        main, ["audit", *arguments], env={"GATEWAY_CONFIG": str(folder / "gateway.yaml")}
    )


def _lines(result: Result) -> list[Any]:
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def _id(folder: Path, **filters: str) -> str:
    (found,) = events(f"sqlite:///{folder}/data/audit.db", Filters(**filters)).events  # type: ignore[arg-type]
    return str(found["id"])


class _Gateway(BaseHTTPRequestHandler):
    """The audit endpoints of a gateway; its streams break off after two events."""

    path_of_store: ClassVar[Path]

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if self.headers["authorization"] != "Bearer good":
            self._answer(401, {"error": {"message": "A valid token is required."}})
        elif url.path == "/gateway/audit/events":
            page = events(
                f"sqlite:///{self.path_of_store}", Filters.parse(dict(parse_qsl(url.query)))
            )
            self._answer(200, {"events": page.events, "next": page.next})
        elif url.path.startswith("/gateway/audit/events/"):
            found = event(f"sqlite:///{self.path_of_store}", url.path.rpartition("/")[2])
            if found is None:
                self._answer(404, {})
            else:
                self._answer(200, found.header)
        else:
            self._stream(int(self.headers["last-event-id"] or 0))

    def _answer(self, status: int, value: object) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(orjson.dumps(value))

    def _stream(self, after: int) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b": hello\n\n")
        with SqliteReader(self.path_of_store) as reader:
            rows = reader.rows(
                "SELECT seq, header FROM records WHERE seq > ? ORDER BY seq LIMIT 2", (after,)
            )
        for seq, header in rows:
            self.wfile.write(b"id: %d\nevent: record\ndata: %s\n\n" % (seq, header))

    def log_message(self, *_: object) -> None:
        """Keeps quiet."""


@pytest.fixture
def gateway(folder: Path) -> Iterator[str]:
    handler = type("Handler", (_Gateway,), {"path_of_store": folder / "data/audit.db"})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_query_prints_a_table(folder: Path) -> None:
    result = _run(folder, "query")
    assert result.exit_code == 0
    for word in ("writer.open", "writer.close", "decision"):
        assert word in result.stdout
    assert SECRET not in result.stdout


def test_query_takes_filters_and_gives_json(folder: Path) -> None:
    (found,) = _lines(_run(folder, "query", "--actor", "bob", "--since", "1h", "--json"))
    assert (found["decision"], found["actor"]["subject"]) == ("block", "bob")
    assert _lines(_run(folder, "query", "--entity", "CREDIT_CARD", "--json")) == [found]
    assert (
        _lines(_run(folder, "query", "--store", _store(folder), "--actor", "eve", "--json")) == []
    )


def test_query_names_the_next_page(folder: Path) -> None:
    result = _run(folder, "query", "--limit", "1")
    cursor = result.stdout.split("--cursor ")[1].strip()
    (second, *_) = _lines(_run(folder, "query", "--json", "--cursor", cursor))
    assert second["actor"]["subject"] == "bob"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["query", "--since", "yesterday"], "24h"),
        (["query", "--store", "mysql://x"], "no audit store"),
        (["query", "--store", "sqlite:////nowhere/audit.db"], "No such file"),
        (["query", "--url", "http://127.0.0.1:1"], "--token"),
        (["query", "--url", "http://127.0.0.1:1", "--token", "t"], "127.0.0.1:1"),
        (["query", "--url", "http://x", "--store", "sqlite:///x"], "exclude"),
        (["show", "no-such-id"], "there is no such event"),
        (["verify", "--vkey", "nowhere.vkey"], "nowhere.vkey"),
    ],
)
def test_a_wrong_call_is_a_sentence_and_exit_2(
    folder: Path, arguments: list[str], words: str
) -> None:
    result = _run(folder, *arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.output


def test_audit_off_is_said_so(folder: Path) -> None:
    text = SETTINGS.partition("audit:")[0] + "audit: off\n"
    (folder / "gateway.yaml").write_text(text)
    result = _run(folder, "verify")
    assert (result.exit_code, "audit is off" in result.stderr) == (2, True)


def test_show_opens_with_the_auditors_key_only(folder: Path) -> None:
    found = _id(folder, actor="bob")
    closed = _run(folder, "show", found)
    assert closed.exit_code == 0
    assert "open it with --key" in closed.stdout
    assert SECRET not in closed.stdout
    opened = _run(folder, "show", found, "--key", str(folder / "keys/auditor.key"))
    assert SECRET in opened.stdout
    (value,) = _lines(
        _run(folder, "show", found, "--key", str(folder / "keys/auditor.key"), "--json")
    )
    assert value["content"] == {"prompt": SECRET}
    assert value["id"] == found


def test_show_with_a_strangers_key_is_exit_1(folder: Path) -> None:
    create_keys(folder / "other")
    result = _run(
        folder, "show", _id(folder, actor="bob"), "--key", str(folder / "other/auditor.key")
    )
    assert result.exit_code == 1
    assert "not sealed to the key" in result.stderr


def test_show_of_a_changed_sealed_part_is_exit_1(folder: Path) -> None:
    found = _id(folder, actor="bob")
    with closing(sqlite3.connect(folder / "data/audit.db")) as tamper:
        tamper.execute("UPDATE sealed SET ciphertext = ciphertext || x'00'")
        tamper.commit()
    result = _run(folder, "show", found, "--key", str(folder / "keys/auditor.key"))
    assert (result.exit_code, "was changed" in result.stderr) == (1, True)


def test_show_of_an_event_without_a_sealed_part(folder: Path) -> None:
    opened = events(f"sqlite:///{folder}/data/audit.db", Filters()).events[-1]["id"]
    (value,) = _lines(
        _run(folder, "show", opened, "--key", str(folder / "keys/auditor.key"), "--json")
    )
    assert (value["stage"], value["content"]) == ("writer.open", None)


def test_verify_finds_the_key_beside_the_signing_key(folder: Path) -> None:
    result = _run(folder, "verify")
    assert result.exit_code == 0
    assert "the audit log holds" in result.stdout
    assert "signatures were not checked" not in result.stdout
    (report,) = _lines(_run(folder, "verify", "--json"))
    assert report["ok"]
    assert report["writers"][0]["signed"]


def test_verify_of_a_store_alone_says_what_it_did_not_check(folder: Path) -> None:
    result = _run(folder, "verify", "--store", _store(folder))
    assert result.exit_code == 0
    assert "signatures were not checked" in result.stdout
    order(folder)
    key, vkey = str(folder / "keys/auditor.key"), str(folder / "keys/log.vkey")
    result = _run(folder, "verify", "--store", _store(folder), "--vkey", vkey, "--key", key)
    assert "2 opened" in result.stdout
    assert "note:" not in result.stdout


def test_verify_of_a_changed_log_names_the_record_and_is_exit_1(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "data/audit.db")) as tamper:
        tamper.execute("DELETE FROM sealed WHERE seq = 2")
        tamper.execute("DELETE FROM records WHERE seq = 2")
        tamper.commit()
    result = _run(folder, "verify")
    assert result.exit_code == 1
    assert "record 1: records 1 to 1 are missing" in result.stderr
    result = _run(folder, "verify", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["flaws"][0]["wseq"] == 1


def test_escape_sequences_in_a_store_do_not_reach_the_terminal(folder: Path) -> None:
    evil = "\x1b]0;owned\x07[bold]"
    with closing(sqlite3.connect(folder / "data/audit.db")) as tamper:
        tamper.execute("UPDATE writers SET id = ?", (evil,))
        (header,) = tamper.execute("SELECT header FROM records WHERE seq = 2").fetchone()
        changed = {**orjson.loads(header), "model": evil}
        tamper.execute("UPDATE records SET header = ? WHERE seq = 2", (orjson.dumps(changed),))
        tamper.commit()
    for command in ("query", "verify"):
        result = _run(folder, command)
        assert "\x1b" not in result.output
        assert "owned\ufffd[bold]" in result.stdout


def test_a_running_gateway_answers_as_its_store_does(folder: Path, gateway: str) -> None:
    remote = ["--url", gateway, "--token", "good", "--json"]
    assert _lines(_run(folder, "query", *remote)) == _lines(_run(folder, "query", "--json"))
    found = _id(folder, actor="bob")
    assert _lines(_run(folder, "show", found, *remote)) == _lines(
        _run(folder, "show", found, "--json")
    )


def test_tail_resumes_where_a_connection_broke_off(
    folder: Path, gateway: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.cli.remote._RETRY", 0.01)
    arguments = ["tail", "--url", gateway, "--token", "good", "--count", "4", "--json"]
    got = _lines(_run(folder, *arguments))
    assert [line["data"]["wseq"] for line in got] == [0, 1, 2, 3]
    got = _lines(_run(folder, *arguments[:-3], "--count", "1", "--json", "--after", "3"))
    assert got[0]["data"]["wseq"] == 3


@pytest.mark.parametrize("command", ["query", "tail"])
def test_a_refused_token_is_a_sentence_and_exit_2(folder: Path, gateway: str, command: str) -> None:
    result = _run(folder, command, "--url", gateway, "--token", "bad")
    assert result.exit_code == 2
    assert "401: A valid token is required." in result.stderr


def test_a_gateway_keeps_sealed_parts_to_itself(folder: Path, gateway: str) -> None:
    key = str(folder / "keys/auditor.key")
    result = _run(folder, "show", "x", "--url", gateway, "--token", "good", "--key", key)
    assert (result.exit_code, "--key needs --store" in result.stderr) == (2, True)
