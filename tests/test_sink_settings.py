from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.sink_settings import MirrorSettings, SinkSettings


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "webhook", "url": "https://siem.example.com/in", "secret_file": "s"},
        {"kind": "webhook", "url": "http://127.0.0.1:9000", "format": "cef"},
        {"kind": "otlp", "url": "https://collector:4318", "token_file": "t"},
        {"kind": "syslog", "url": "tls://syslog.example.com:6514", "format": "ocsf"},
        {"kind": "syslog", "url": "tls://[2001:db8::1]:6514"},
        {"kind": "syslog", "url": "tcp://localhost:514"},
        {"kind": "webhook", "url": "https://x", "certificate_file": "c", "key_file": "k"},
    ],
)
def test_sinks_that_make_sense_are_taken(values: dict[str, Any]) -> None:
    assert SinkSettings.model_validate(values).deadline == 10.0


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "kafka", "url": "https://x"}, "webhook"),
        ({"kind": "webhook", "url": "http://siem.example.com"}, "must be https"),
        ({"kind": "webhook", "url": "tls://x:1"}, "not an http or https URL"),
        ({"kind": "webhook", "url": "https://user:pass@x"}, "no credentials"),
        ({"kind": "otlp", "url": "https://x", "format": "cef"}, "otlp has no format"),
        ({"kind": "otlp", "url": "https://x", "secret_file": "s"}, "otlp has no secret_file"),
        ({"kind": "syslog", "url": "tls://x:1", "token_file": "t"}, "syslog has no token_file"),
        ({"kind": "syslog", "url": "tls://x"}, "tls://HOST:PORT"),
        ({"kind": "syslog", "url": "udp://x:514"}, "tls://HOST:PORT"),
        ({"kind": "syslog", "url": "tls://x:y"}, "no valid host and port"),
        ({"kind": "syslog", "url": "tls://u@x:1"}, "tls://HOST:PORT"),
        ({"kind": "syslog", "url": "tls://x:1/path"}, "no path"),
        ({"kind": "syslog", "url": "tcp://x:514"}, "must be tls"),
        ({"kind": "webhook", "url": "https://x", "key_file": "k"}, "go together"),
        ({"kind": "otlp", "url": "http://localhost:1", "ca_file": "c"}, "for https and tls"),
        ({"kind": "webhook", "url": "https://x", "batch": 0}, "greater than or equal to 1"),
        ({"kind": "webhook", "url": "https://x", "nothing": 1}, "Extra inputs"),
    ],
)
def test_sinks_that_make_none_are_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        SinkSettings.model_validate(values)


def test_a_mirror_has_one_place() -> None:
    assert MirrorSettings.model_validate({"url": "https://x/y/"}).url == "https://x/y"
    for values in ({}, {"folder": "f", "url": "https://x"}):
        with pytest.raises(ValidationError, match="not both"):
            MirrorSettings.model_validate(values)
