"""Records of a running gateway: what a store would give, in the same order and to the same end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from click.testing import CliRunner, Result
from house import LEAN, House, build, chat

from gateway.audit.cursor import Cursor
from gateway.cli import main
from gateway.cli.remote import ServerEvent
from gateway.cli.remote_records import remote_end, remote_records
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

_STORE = "0123456789abcdef"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A gateway that was asked three times."""
    with build(tmp_path_factory.mktemp("asked"), policy=LEAN) as house:
        for number, name in enumerate(("ada", "bob", "ada")):
            answer = house.client("analyst", subject=name).post(
                "/v1/chat/completions", json=chat(f"question {number}")
            )
            answer.raise_for_status()
            house.records_of(answer.headers["x-gateway-event"])
        yield house


def _export(house: House, *arguments: str, roles: tuple[str, ...] = ("auditor",)) -> Result:
    remote = ("--url", house.url, "--token", house.token(*roles))
    at = () if "--store" in arguments else remote
    return CliRunner().invoke(main, ["audit", "export", "--format", "jsonl", *at, *arguments])


def _local(house: House, *arguments: str) -> Result:
    return _export(house, "--store", f"sqlite:///{house.home}/data/audit.db", *arguments)


def _cursor(done: Result) -> str:
    assert done.exit_code == 0, done.stderr
    return done.stderr.strip().removeprefix("cursor: ")


@pytest.mark.parametrize("filters", [(), ("--actor", "ada"), ("--stage", "outcome")])
def test_an_export_of_a_gateway_is_that_of_its_store(
    asked: House, filters: tuple[str, ...]
) -> None:
    remote = _export(asked, *filters)
    lines = remote.stdout.splitlines()
    assert lines
    stored = _local(asked, *filters).stdout.splitlines()
    # The reads of the export itself, and what came since, stand behind its end.
    assert lines == stored[: len(lines)]
    newer = [orjson.loads(line) for line in stored[len(lines) :]]
    assert {one["stage"] for one in newer} <= {"audit.read", "control.read"}
    rest = _export(asked, *filters, "--after", _cursor(remote))
    more = rest.stdout.splitlines()
    assert more == stored[len(lines) : len(lines) + len(more)]


def test_an_export_where_nothing_matches_ends(asked: House) -> None:
    done = _export(asked, "--actor", "nobody")
    assert (done.exit_code, done.stdout) == (0, "")
    assert _cursor(done).endswith("-0")


def test_who_may_not_follow_the_log_gets_nothing(asked: House) -> None:
    done = _export(asked, roles=("reader",))
    assert (done.exit_code, done.stdout) == (2, "")
    assert "403" in done.stderr


def test_a_cursor_of_another_store_is_refused(asked: House) -> None:
    done = _export(asked, "--after", f"{_STORE}-3")
    assert done.exit_code == 2
    assert "one of another store" in done.stderr


def test_a_value_is_not_asked_of_a_gateway(asked: House) -> None:
    done = _export(asked, "--value", "ada@example.com")
    assert done.exit_code == 2
    assert "a value belongs in no URL" in done.stderr


@dataclass
class _Scripted:
    """A gateway whose stream is written down."""

    events: list[ServerEvent]
    asked: list[Any] = field(default_factory=list)

    def place(self, _path: str) -> str:
        return self.events[-1].cursor

    def stream(self, *asked: Any) -> Iterator[ServerEvent]:
        self.asked.append(asked)
        yield from self.events


def _event(kind: str, seq: int, **data: Any) -> ServerEvent:
    return ServerEvent(kind, f"{_STORE}-{seq}", orjson.dumps(data).decode())


def _read(*events: ServerEvent, after: int = 0, end: int = 4) -> list[int]:
    remote: Any = _Scripted([*events])
    return [one.seq for one in remote_records(remote, {}, after, Cursor(_STORE, end))]


def test_records_behind_the_end_are_not_of_the_export() -> None:
    assert _read(_event("record", 2), _event("record", 4), _event("record", 5)) == [2, 4]
    assert _read(_event("record", 2), _event("record", 7)) == [2]


def test_a_checkpoint_behind_the_end_ends_it() -> None:
    events = _event("checkpoint", 3), _event("record", 4), _event("record", 5)
    assert _read(*events) == [4]
    assert _read(_event("record", 2), _event("checkpoint", 4), _event("record", 5)) == [2]


def test_where_nothing_is_new_nothing_is_asked() -> None:
    remote: Any = _Scripted([])
    assert list(remote_records(remote, {}, 4, Cursor(_STORE, 4))) == []
    assert remote.asked == []


def test_what_was_pruned_is_passed_over_and_every_other_gap_ends_it() -> None:
    pruned = _event("gap", 0, skipped=None, reason="older records were pruned")
    assert _read(pruned, _event("record", 4)) == [4]
    lost = _event("gap", 3, skipped=7, reason="the subscriber was too slow")
    with pytest.raises(AuditUnavailable, match="the subscriber was too slow"):
        _read(_event("record", 1), lost)


@pytest.mark.parametrize("cursor", ["", "nowhere"])
def test_a_stream_without_places_is_no_gateways(cursor: str) -> None:
    remote: Any = _Scripted([ServerEvent("record", cursor, "{}")])
    with pytest.raises(AuditUnavailable, match="names no place"):
        remote_end(remote)
    with pytest.raises(AuditUnavailable, match="names no place"):
        list(remote_records(remote, {}, 0, Cursor(_STORE, 4)))
