"""The page of the exports is true: its commands run, and its tables are those of the code."""

from __future__ import annotations

import re
import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from audit_folder import SETTINGS, fill, make_audit_folder
from click.testing import CliRunner
from made_up_headers import new_header

from gateway.audit.exports.cef import to_cef
from gateway.audit.exports.ocsf import SCHEMA, to_ocsf
from gateway.audit.record import Source
from gateway.cli import main
from gateway.key_files import create_random_key
from gateway.relay.relay import check_relay
from gateway.relay.sinks.syslog import message
from gateway.relay.sinks.webhook import signature
from gateway.settings import AuditSettings, load_settings

if TYPE_CHECKING:
    from click.testing import Result
    from house import House

PAGE = (Path(__file__).parents[2] / "docs" / "audit-exports.md").read_text()
LINES = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
]
(SINKS,) = re.findall(r"^```yaml\n(audit:.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
SHOWN = re.findall(r"^\$ gateway (.+)\n(cursor: .+)$", PAGE, re.MULTILINE)
DECISIONS = re.findall(
    r"^\| (`\w+`(?:, `\w+`)*) \| (\d+) \w+ \| (\d+) \w+ \| (\d) \w+ \|$", PAGE, re.MULTILINE
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    ledger = make_audit_folder(tmp_path)
    fill(ledger)
    ledger.close()
    create_random_key(tmp_path / "keys" / "index.key")
    (tmp_path / "gateway.yaml").write_text(SETTINGS + "  index_key: keys/index.key\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(line: str) -> Result:
    words = shlex.split(line, comments=True)
    return CliRunner().invoke(main, words[words[0] == "gateway" :])


@pytest.mark.parametrize("line", LINES)
@pytest.mark.usefixtures("folder")
def test_each_command_runs(house: House, line: str) -> None:
    line = line.replace("http://127.0.0.1:8080", house.url).replace("…", house.token("auditor"))
    result = _run(line)
    assert result.exit_code == 0, result.stderr
    assert result.stderr.startswith("cursor: ")


def test_an_export_goes_on_as_it_is_shown(folder: Path) -> None:
    (first, ended), (second, _) = SHOWN
    result = _run(first)
    assert result.exit_code == 0, result.stderr
    assert re.fullmatch(r"cursor: [0-9a-f]{16}-\d+\n", result.stderr)
    assert re.fullmatch(r"cursor: [0-9a-f]{16}-\d+", ended)
    cursor = result.stderr.split()[1]
    result = _run(second.replace(ended.split()[1], cursor))
    assert result.exit_code == 0, result.stderr
    assert len((folder / "log.jsonl").read_text().splitlines()) == 4


def test_decisions_stand_with_their_numbers() -> None:
    told = {
        word: tuple(map(int, numbers))
        for words, *numbers in DECISIONS
        for word in re.findall(r"\w+", words)
    }
    assert len(told) == 6
    for decision, numbers in told.items():
        event = to_ocsf(new_header(decision=decision))
        assert (event["action_id"], event["disposition_id"], event["severity_id"]) == numbers


def test_the_version_of_the_schema_is_the_one_that_is_written() -> None:
    assert f"version {SCHEMA.removesuffix('.0')}:" in PAGE


def test_every_key_of_a_cef_line_is_explained() -> None:
    lines = to_cef(new_header(error="why")) + to_cef(new_header(source=Source("::1", "x")))
    keys = {key for key in re.findall(r"[| ](\w+)=", lines) if not key.endswith("Label")}
    for key in keys:
        number = re.fullmatch(r"(cs|cn|cfp)\d", key)
        assert f"`{key}`" in PAGE or (number and f"`{number[1]}1`" in PAGE), key


@pytest.mark.parametrize("decision", ["allow", "flag", "tokenise", "redact", "block", "deny"])
def test_severities_of_cef_are_those_of_the_page(decision: str) -> None:
    (words,) = re.findall(r"its severity (.+)\.$", PAGE, re.MULTILINE)
    groups = {
        name: number
        for number, names in re.findall(r"(\d) \(([^)]+)\)", words)
        for name in re.findall(r"\w+", names)
    }
    assert to_cef(new_header(decision=decision)).split("|")[6] == groups[decision]


def test_the_sinks_of_the_page_are_settings(folder: Path) -> None:
    settings = SETTINGS.partition("audit:")[0] + SINKS
    (folder / "gateway.yaml").write_text(settings)
    (folder / "keys/siem.secret").write_text("0123456789abcdef")
    (folder / "keys/siem.secret").chmod(0o600)
    loaded = load_settings(folder / "gateway.yaml")
    assert isinstance(loaded.audit, AuditSettings)
    found = check_relay(loaded, loaded.audit)
    assert found == "sink siem (webhook), sink soc (syslog), sink otel (otlp)"


@pytest.mark.parametrize(
    ("stage", "decision"),
    [
        ("outcome", "allow"), ("outcome", "deny"), ("outcome", "tokenise"), ("outcome", "redact"),
        ("outcome", "block"), ("outcome", "flag"), ("policy.refused", None), ("writer.lost", None),
    ],
)  # fmt: skip
def test_severities_of_syslog_are_those_of_the_page(stage: str, decision: str | None) -> None:
    (words,) = re.findall(r"Severity is (.+?)\. ", PAGE)
    rest, *groups = words.split(", for ")
    told = {
        name: int(re.findall(r"\d", group)[-1])
        for group in groups
        for name in re.findall(r"`([\w.]+)`", group)
    }
    raw = message(new_header(stage=stage, decision=decision), "cef", "h")
    priority = int(raw[1 : raw.index(b">")])
    assert divmod(priority, 8) == (13, told.get(decision or stage, int(rest)))


def test_a_receiver_can_check_signatures_as_it_is_shown() -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - our own page
    secret, body, now = b"0123456789abcdef", b"lines", int(time.time())
    is_ours = names["is_ours"]
    assert is_ours(secret, signature(secret, body, now), body)
    assert not is_ours(b"another", signature(secret, body, now), body)
    assert not is_ours(secret, signature(secret, body, now), b"others")
    assert not is_ours(secret, signature(secret, body, now - 3600), body)
