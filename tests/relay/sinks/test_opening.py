"""Sinks are made as the settings say, or told with the place of what is wrong."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from receivers import receive_http, receive_syslog
from tls_files import Authority

from gateway.errors import ConfigurationError, Place
from gateway.relay.sinks.opening import check_sink, open_runner
from gateway.sink_settings import SinkSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.audit.ledger import Ledger

_PLACE = Place("gateway.yaml", 7, 3)


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def _secret(path: Path, text: str = "0123456789abcdef") -> Path:
    path.write_text(f"{text}\n")
    path.chmod(0o600)
    return path


def _settings(**values: Any) -> SinkSettings:
    return SinkSettings.model_validate(values)


def test_a_webhook_is_signed_and_authorised(tmp_path: Path, ledger: Ledger, store: str) -> None:
    ours = Authority(tmp_path / "ca")
    with receive_http(ours.pair("receiver").server()) as receiver:
        settings = _settings(
            kind="webhook",
            url=f"{receiver.url}/in",
            format="ocsf",
            token_file=_secret(tmp_path / "token", "t0k"),
            secret_file=_secret(tmp_path / "secret"),
            ca_file=ours.file,
        )
        runner = open_runner("siem", settings, _PLACE, store, lambda: True)
        runner.start()
        _wait(lambda: len(receiver.seen) == 1)
        runner.stop(10)
    (posted,) = receiver.seen
    assert posted.path == "/in"
    assert posted.headers["authorization"] == "Bearer t0k"
    assert posted.headers["x-gateway-signature"].startswith("t=")
    assert b'"class_uid":6002' in posted.body


@pytest.mark.parametrize(("path", "expected"), [("", "/v1/logs"), ("/custom", "/custom")])
def test_a_collector_is_asked_at_its_path(
    ledger: Ledger, store: str, path: str, expected: str
) -> None:
    with receive_http() as receiver:
        settings = _settings(kind="otlp", url=f"{receiver.url}{path}")
        runner = open_runner("otel", settings, _PLACE, store, lambda: True)
        runner.start()
        _wait(lambda: len(receiver.seen) == 1)
        runner.stop(10)
    assert receiver.seen[0].path == expected


def test_syslog_is_spoken_over_tls(tmp_path: Path, ledger: Ledger, store: str) -> None:
    ours = Authority(tmp_path / "ca")
    mine = ours.pair("gateway")
    with receive_syslog(ours.pair("receiver").server(ours.file)) as receiver:
        settings = _settings(
            kind="syslog",
            url=receiver.url,
            ca_file=ours.file,
            certificate_file=mine.certificate,
            key_file=mine.key,
        )
        runner = open_runner("soc", settings, _PLACE, store, lambda: True)
        runner.start()
        _wait(lambda: len(receiver.seen) == 1)
        runner.stop(10)
    assert b"CEF:0|" in receiver.seen[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"filters": {"colour": "red"}}, "gateway.yaml:7:3: there is no such filter"),
        ({"filters": {"limit": "5"}}, "gateway.yaml:7:3: a sink has no filter 'limit'"),
        ({"filters": {"status": "x"}}, "gateway.yaml:7:3: status is an HTTP status"),
        ({"secret_file": "short"}, "short: this is no secret of at least 16"),
        ({"secret_file": "none"}, "none: the key cannot be read"),
        ({"token_file": "open"}, "open: this private key is open to others"),
        ({"token_file": "binary"}, "binary: this is no secret"),
        ({"ca_file": "short"}, "short: cannot be used"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    _secret(tmp_path / "short", "short")
    _secret(tmp_path / "open").chmod(0o644)
    (tmp_path / "binary").write_bytes(b"\xff\x00")
    (tmp_path / "binary").chmod(0o600)
    values = {
        name: tmp_path / value if name.endswith("_file") else value
        for name, value in changes.items()
    }
    settings = _settings(kind="webhook", url="https://siem.example.com", **values)
    with pytest.raises(ConfigurationError, match=words.replace("(", r"\(")):
        check_sink(settings, _PLACE)


def test_numbers_are_filters_too() -> None:
    settings = _settings(
        kind="webhook", url="https://siem.example.com", filters={"status": 403, "since": "24h"}
    )
    check_sink(settings, _PLACE)
