"""What the settings say leaves the log, and what cannot is told before anything starts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from audit_folder import SETTINGS, make_audit_folder
from made_up_log import MadeUpLog, new_signer
from receivers import black_hole, receive_http

from gateway.audit.keys import load_signer
from gateway.audit.note import Kind, Signer
from gateway.audit.sequencer import Duty, Sequencer
from gateway.audit.store.tree import Kept
from gateway.errors import ConfigurationError, VerificationError
from gateway.relay.relay import Relay, check_relay
from gateway.settings import AuditSettings, Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_STORE = "0123456789abcdef"


def _settings(folder: Path, more: str = "") -> tuple[Settings, AuditSettings]:
    make_audit_folder(folder).close()
    (folder / "gateway.yaml").write_text(SETTINGS + more)
    settings = load_settings(folder / "gateway.yaml")
    assert isinstance(settings.audit, AuditSettings)
    return settings, settings.audit


def _vkey(folder: Path, name: str, kind: Kind = Kind.COSIGNATURE) -> Signer:
    signer = new_signer(name, kind)
    (folder / f"{name}.vkey").write_text(f"{signer.verifier}\n")
    return signer


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


class _Log:
    """What of the audit log a relay uses."""

    def __init__(self) -> None:
        self.listeners: list[Any] = []


def _sequencer(audit: AuditSettings) -> Sequencer:
    """One that is not started, and so does not lead."""
    return Sequencer(Duty(audit.store, new_signer("log.example")), lambda _record: None)  # type: ignore[arg-type, return-value]


def test_nothing_leaves_where_nothing_is_said(tmp_path: Path) -> None:
    settings, audit = _settings(tmp_path)
    assert check_relay(settings, audit) == "nothing leaves the log"
    relay = Relay(settings, audit, lambda _sentence: None)
    assert relay.anchor(_STORE) is None
    relay.start(_sequencer(audit), _Log())  # type: ignore[arg-type]
    assert (relay.runners, relay.publishers) == ([], {})
    relay.stop(1)


def test_everything_that_is_said_is_there(tmp_path: Path) -> None:
    (tmp_path / "worm").mkdir()
    _vkey(tmp_path, "w1")
    with black_hole() as port:
        settings, audit = _settings(
            tmp_path,
            f"""\
  witnesses: [{{url: "http://127.0.0.1:{port}", vkey: w1.vkey}}]
  mirror: {{folder: worm}}
  sinks: {{siem: {{kind: webhook, url: "http://127.0.0.1:{port}"}}}}
""",
        )
        found = check_relay(settings, audit)
        assert found == f"witness w1, mirror {tmp_path}/worm, sink siem (webhook)"
        relay, log = Relay(settings, audit, lambda _sentence: None), _Log()
        relay.start(_sequencer(audit), log)  # type: ignore[arg-type]
        assert sorted(relay.publishers) == ["mirror", "w1"]
        assert log.listeners == [relay.runners[0].wake]
        relay.stop(5)


def test_clients_of_witnesses_and_the_mirror_were_never_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[httpx.Client] = []
    make = httpx.Client

    def made_client(**options: Any) -> httpx.Client:
        made.append(make(**options))
        return made[-1]

    monkeypatch.setattr("gateway.relay.outlet.httpx.Client", made_client)
    _vkey(tmp_path, "w1")
    settings, audit = _settings(
        tmp_path,
        """\
  witnesses: [{url: "http://127.0.0.1:1", vkey: w1.vkey}]
  mirror: {url: "http://127.0.0.1:1"}
""",
    )
    relay = Relay(settings, audit, lambda _sentence: None)
    relay.start(_sequencer(audit), _Log())  # type: ignore[arg-type]
    assert [client.is_closed for client in made] == [False, False]
    relay.stop(20)
    assert [client.is_closed for client in made] == [True, True]


def test_the_mirror_is_the_anchor(tmp_path: Path) -> None:
    (tmp_path / "worm").mkdir()
    settings, audit = _settings(tmp_path, "  mirror: {folder: worm}\n")
    relay = Relay(settings, audit, lambda _sentence: None)
    assert relay.anchor(_STORE) is None
    folder = relay._folder
    assert folder is not None
    log = MadeUpLog(new_signer("log.example"), _STORE)
    folder(Kept(1, 5, 1_800_000_000_000, log.note(5)))
    assert relay.anchor(_STORE) == log.note(5)
    assert relay.anchor("f" * 16) is None


def test_a_contradiction_is_an_incident_once(tmp_path: Path) -> None:
    settings, audit = _settings(tmp_path)
    told: list[str] = []
    relay = Relay(settings, audit, told.append)
    kept = Kept(1, 5, 0, "note")
    answers: list[Any] = ["another history"] * 2 + [None, "another history", "older copy"]

    def publish(_kept: Kept) -> str:
        answer = answers.pop(0)
        if answer is not None:
            raise VerificationError(answer)
        return "lines"

    for _ in range(2):
        with pytest.raises(VerificationError):
            relay._show("w1", publish, kept)
    assert relay._show("w1", publish, kept) == "lines"
    for _ in range(2):
        with pytest.raises(VerificationError):
            relay._show("w1", publish, kept)
    assert told == ["w1: another history", "w1: another history", "w1: older copy"]


def test_sinks_wait_for_the_lead(tmp_path: Path) -> None:
    with receive_http() as receiver:
        settings, audit = _settings(
            tmp_path, f'  sinks: {{siem: {{kind: webhook, url: "{receiver.url}"}}}}\n'
        )
        relay = Relay(settings, audit, lambda _sentence: None)
        sequencer = _sequencer(audit)
        relay.start(sequencer, _Log())  # type: ignore[arg-type]
        time.sleep(0.7)
        assert receiver.seen == []
        sequencer._token = 1
        assert sequencer.elected
        _wait(lambda: len(receiver.seen) == 1)
        relay.stop(5)


def test_a_log_is_not_its_own_witness(tmp_path: Path) -> None:
    settings, audit = _settings(tmp_path, '  witnesses: [{url: "http://x", vkey: own.vkey}]\n')
    own = load_signer(audit.signing_key).cosigner
    (tmp_path / "own.vkey").write_text(f"{own.verifier}\n")
    with pytest.raises(ConfigurationError, match=r"own\.vkey: this is no witness's key"):
        check_relay(settings, audit)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('witnesses: [{url: "http://x", vkey: log.vkey}]', "log.vkey: this is no witness's key"),
        ('witnesses: [{url: "http://x", vkey: none.vkey}]', "none.vkey"),
        (
            'witnesses: [{url: "http://x", vkey: w1.vkey}, {url: "http://y", vkey: w1.vkey}]',
            "another witness is called w1",
        ),
        ('witnesses: [{url: "http://x", vkey: mirror.vkey}]', "called mirror"),
        ("sinks: {a: {kind: otlp, url: 'https://x', ca_file: none.pem}}", "none.pem"),
    ],
)
def test_what_cannot_be_is_told(tmp_path: Path, more: str, words: str) -> None:
    _vkey(tmp_path, "w1")
    _vkey(tmp_path, "mirror")
    _vkey(tmp_path, "log", Kind.ED25519)
    settings, audit = _settings(tmp_path, f"  {more}\n")
    with pytest.raises(ConfigurationError, match=words):
        check_relay(settings, audit)
    with pytest.raises(ConfigurationError, match=words):
        Relay(settings, audit, lambda _sentence: None)
