"""After an erasure nobody opens what was sealed of a person, and the log holds."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import pytest

from gateway.audit import erase as module
from gateway.audit.blind import BlindIndex, Value
from gateway.audit.erase import Erasure, count, erase
from gateway.audit.filters import Filters
from gateway.audit.ledger import Item, Ledger
from gateway.audit.opened import opened
from gateway.audit.opener import Erased, Opener
from gateway.audit.query import events, sealed_events
from gateway.audit.record import Actor, Record, SealedNote
from gateway.audit.salts import Scope
from gateway.audit.store.opening import open_reader
from gateway.errors import AuditUnavailable, ConfigurationError

if TYPE_CHECKING:
    from tests.audit.conftest import House


def _say(ledger: Ledger, *names: str, tenant: str | None = None, issuer: str | None = None) -> None:
    for name in names:
        record = Record("intent", actor=Actor(name, issuer), tenant=tenant)
        ledger.commit([Item(record, b'{"prompt": "%s"}' % name.encode())])


def _readable(house: House) -> list[str]:
    """Whose sealed parts the auditor opens, in order; a star where a part was erased."""
    found = []
    for event in sealed_events(house.url, Filters(stage="intent")):
        try:
            found.append(opened(event, Opener(house.auditor))["prompt"])
        except Erased:
            found.append("*")
    return found


def _erase(house: House, *scope: str | None, **said: Any) -> Erasure:
    return erase(house.url, house.keys, Scope(*scope), **{"by": "carol", **said})  # type: ignore[arg-type]


def _sealed_salts(house: House, subject: str) -> list[bytes]:
    with open_reader(house.url) as reader:
        rows = reader.rows("SELECT sealed FROM salts WHERE subject = ?", (subject,))
    return [sealed for (sealed,) in rows]


def _bytes_of(house: House) -> bytes:
    if house.server is None:
        return b"".join(file.read_bytes() for file in house.folder.glob("audit.db*"))
    house.execute("CHECKPOINT")
    ((number,),) = house.ask("SELECT oid FROM pg_database WHERE datname = current_database()")
    files = (house.server.data / "base" / str(number)).iterdir()
    return b"".join(file.read_bytes() for file in files)


def test_the_subject_is_unreadable_and_nobody_else(any_house: House) -> None:
    ledger = any_house.ledger()
    _say(ledger, "alice", "bob", "alice")
    assert _erase(any_house, "alice", reason="asked for it") == Erasure(1, 2, 0)
    assert _readable(any_house) == ["*", "bob", "*"]
    report = any_house.verify()
    assert (report.flaws, report.sealed, report.opened, report.erased) == ((), 3, 1, 2)


def test_the_record_says_who_was_erased_by_whom_and_why(any_house: House) -> None:
    ledger = any_house.ledger()
    _say(ledger, "alice", "alice")
    _erase(any_house, "alice", None, "", reason="asked for it")
    (found,) = sealed_events(any_house.url, Filters(stage="audit.erased"))
    assert found.header["detail"] == {
        "subject": "alice", "issuer": None, "tenant": "",
        "salts": 1, "records": 2, "left": 0,
        "by": "carol", "reason": "asked for it",
    }  # fmt: skip
    assert found.header["wseq"] == 1, "it stands in the log of a writer of its own"


def test_a_running_writer_goes_on_and_new_records_of_the_subject_open(
    any_house: House,
) -> None:
    ledger = any_house.ledger()
    _say(ledger, "alice", "bob")
    _erase(any_house, "alice")
    _say(ledger, "alice", "bob")
    assert _readable(any_house) == ["*", "bob", "alice", "bob"]
    _erase(any_house, "alice")
    _say(ledger, "alice")
    ledger.close()
    assert _readable(any_house) == ["*", "bob", "*", "bob", "alice"]
    assert any_house.verify().ok


def test_an_issuer_and_a_tenant_narrow_it(any_house: House) -> None:
    ledger = any_house.ledger()
    for tenant in ("acme", "other", None):
        for issuer in ("https://id.example", None):
            _say(ledger, "alice", tenant=tenant, issuer=issuer)
    assert _erase(any_house, "alice", "https://id.example", "acme").records == 1
    assert _readable(any_house) == ["*", *["alice"] * 5]
    assert _erase(any_house, "alice", None, "").records == 2
    assert _erase(any_house, "alice", "https://id.example").records == 1
    assert _readable(any_house) == ["*", "alice", "*", "alice", "*", "*"]
    assert any_house.verify().ok


def test_counting_erases_nothing(any_house: House) -> None:
    _say(any_house.ledger(), "alice", "bob", "alice")
    assert count(any_house.url, Scope("alice")) == Erasure(1, 2, 0)
    assert count(any_house.url, Scope("mallory")) == Erasure(0, 0, 0)
    assert _readable(any_house) == ["alice", "bob", "alice"]


def test_who_is_not_there_is_erased_on_record_all_the_same(any_house: House) -> None:
    _say(any_house.ledger(), "alice")
    assert _erase(any_house, "mallory") == Erasure(0, 0, 0)
    assert _readable(any_house) == ["alice"]
    assert len(list(sealed_events(any_house.url, Filters(stage="audit.erased")))) == 1


def test_many_records_are_counted_over_pages(
    any_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PAGE", 2)
    _say(any_house.ledger(), *["alice", "bob"] * 5)
    assert count(any_house.url, Scope("alice")) == Erasure(1, 5, 0)


def test_no_byte_of_a_salt_is_left_in_the_stores_files(any_house: House) -> None:
    ledger = any_house.ledger()
    _say(ledger, *(f"user-{n}" for n in range(400)))
    erased = [0, 399, *range(100, 105), *range(201, 211, 2)]
    lost = [_sealed_salts(any_house, f"user-{n}")[0] for n in erased]
    kept = _sealed_salts(any_house, "user-50")[0]
    before = _bytes_of(any_house)
    assert all(sealed in before for sealed in (*lost, kept))
    for number in erased:
        _erase(any_house, f"user-{number}")
    left = _bytes_of(any_house)
    assert not any(sealed in left or sealed[13:45] in left for sealed in lost)
    assert kept in left
    assert any_house.verify().ok


def test_who_reads_holds_up_the_cleaning_but_neither_the_erasure_nor_the_writers(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BUSY", 0.5)
    ledger = house.ledger()
    _say(ledger, "alice")
    (sealed,) = _sealed_salts(house, "alice")
    with open_reader(house.url) as reader, reader.snapshot():
        reader.rows("SELECT count(*) FROM records")
        with pytest.raises(AuditUnavailable, match="erased, but somebody reads the store"):
            _erase(house, "alice")
        _say(ledger, "bob")
        assert sealed in _bytes_of(house)
    assert _readable(house) == ["*", "bob"]
    assert _erase(house, "alice") == Erasure(0, 0, 0)
    assert sealed not in _bytes_of(house)
    assert house.verify().ok


_HOLD = "INSERT INTO holds (kind, value, reason, by, since) VALUES "


@pytest.mark.parametrize("hold", ["('subject', 'alice'", "('tenant', 'acme'"])
def test_a_legal_hold_refuses_it_by_name(any_house: House, hold: str) -> None:
    _say(any_house.ledger(), "alice", tenant="acme")
    any_house.execute(f"{_HOLD} {hold}, 'case 12', 'dave', 0)")
    with pytest.raises(ConfigurationError, match=r"alice: legal hold 1 of dave .+ case 12"):
        _erase(any_house, "alice")
    assert _readable(any_house) == ["alice"]
    assert not list(sealed_events(any_house.url, Filters(stage="audit.erased")))
    any_house.execute("DELETE FROM holds")
    _erase(any_house, "alice")
    assert _readable(any_house) == ["*"]
    assert any_house.verify().ok


def test_a_hold_on_somebody_else_holds_nobody_else(any_house: House) -> None:
    _say(any_house.ledger(), "alice", tenant="acme")
    any_house.execute(f"{_HOLD} ('subject', 'bob', 'x', 'y', 0), ('tenant', 'other', 'x', 'y', 0)")
    assert _erase(any_house, "alice").records == 1


def test_what_version_one_sealed_is_counted_and_left(
    any_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = any_house.ledger()
    with monkeypatch.context() as earlier:
        # A header of version 1 names no salt.
        earlier.setattr(SealedNote, "value", lambda note: asdict(replace(note, salt=None)))
        _say(ledger, "alice")
    _say(ledger, "alice")
    assert count(any_house.url, Scope("alice")) == Erasure(1, 1, 1)


def test_salts_that_come_in_meanwhile_are_erased_too(
    any_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, late, counted = any_house.ledger(), any_house.ledger(), module._reach
    _say(ledger, "alice")

    def count_first(url: str, scope: Scope, before: str | None = None) -> Any:
        found = counted(url, scope, before)
        if found[0].salts == 1:
            _say(late, "alice")
        return found

    monkeypatch.setattr(module, "_reach", count_first)
    assert _erase(any_house, "alice") == Erasure(2, 2, 0)
    assert _readable(any_house) == ["*", "*"]
    assert any_house.verify().ok


def test_the_record_follows_everything_that_the_erasure_reached(any_house: House) -> None:
    eraser = Ledger(any_house.url, any_house.keys, 5.0)
    other = Ledger(any_house.url, any_house.keys, 5.0)
    _say(other, "alice")
    # In PostgreSQL nobody has given the other's record its place yet.
    record = Record("audit.erased", detail={"subject": "alice", "issuer": None, "tenant": None})
    eraser.commit([Item(record)], lambda work: module._delete(work, Scope("alice"), 1, {}))
    other.close()
    eraser.close()
    report = any_house.verify()
    assert (report.flaws, report.erased) == ((), 1)


def test_salts_that_never_stop_coming_end_it(
    any_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    _say(any_house.ledger(), "alice")
    monkeypatch.setattr(module, "_reach", lambda *_: (Erasure(7, 7, 0), {}))
    with pytest.raises(AuditUnavailable, match="changed each time"):
        _erase(any_house, "alice")
    assert _readable(any_house) == ["alice"]
    assert any_house.verify().ok


def test_a_record_that_cannot_be_written_erases_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = house.ledger()
    _say(ledger, "alice")
    house.execute(
        "CREATE TRIGGER t BEFORE INSERT ON records WHEN new.stage = 'audit.erased'"
        " BEGIN SELECT raise(ABORT, 'no'); END"
    )
    with pytest.raises(AuditUnavailable):
        _erase(house, "alice")
    assert _readable(house) == ["alice"]
    assert house.verify().ok


def _indexed(house: House, index: BlindIndex, value: str) -> list[str]:
    """Whose records a value leads to."""
    page = events(house.url, Filters(), value=index.search(value))
    return [event["actor"]["subject"] for event in page.events]


def test_an_erased_subject_is_found_by_no_value_any_more(any_house: House) -> None:
    index = BlindIndex(bytes(range(32)))
    ledger = replace(any_house, keys=replace(any_house.keys, index=index)).ledger()
    value = (Value("DE89 3704 0044 0532 0130 00"),)
    for name in ("alice", "bob", "alice"):
        ledger.commit([Item(Record("intent", actor=Actor(name, None)), b"{}", value)])
    assert _indexed(any_house, index, value[0].text) == ["alice", "bob", "alice"]
    (token,) = index.search(value[0].text).long
    _erase(any_house, "alice")
    assert _indexed(any_house, index, value[0].text) == ["bob"]
    with open_reader(any_house.url) as reader:
        assert reader.rows("SELECT count(*) FROM blind WHERE token = ?", (token,)) == [(1,)]
    # What is recorded of the subject afterwards is found again.
    ledger.commit([Item(Record("intent", actor=Actor("alice", None)), b"{}", value)])
    assert _indexed(any_house, index, value[0].text) == ["alice", "bob"]
