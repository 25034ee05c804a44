from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gateway.audit import seal
from gateway.audit.binding import Binding
from gateway.audit.opener import Opener
from gateway.audit.record import Actor, Record
from gateway.audit.sealing import Sealing

if TYPE_CHECKING:
    import pytest

_KEY = X25519PrivateKey.generate()


def _sealing() -> Sealing:
    return Sealing([_KEY.public_key()])


def _header(wseq: int = 1, subject: str = "alice", writer: str = "w") -> dict[str, Any]:
    return Record("intent", actor=Actor(subject)).header(writer, wseq)


def _open(sealing: Sealing) -> tuple[Any, ...]:
    return sealing.segments, sealing.salts, sealing.erasures


def test_it_names_what_the_store_has_not_yet_and_nothing_twice() -> None:
    sealing = _sealing()
    one, two = sealing.seal(b"1", _header(1), 0), sealing.seal(b"2", _header(2, "bob"), 0)
    assert one.segment == two.segment
    assert list(sealing.segments) == [one.segment]
    assert [salt.subject.name for salt in sealing.salts] == ["alice", "bob"]
    assert sealing.erasures == 0
    sealing.stored()
    assert _open(sealing) == ({}, [], None)
    assert sealing.seal(b"3", _header(3), 0).segment == one.segment
    assert _open(sealing) == ({}, [], 0)


def test_an_erasure_ends_the_segment() -> None:
    sealing = _sealing()
    one = sealing.seal(b"1", _header(1), 4)
    sealing.stored()
    two = sealing.seal(b"2", _header(2), 5)
    assert one.segment != two.segment
    assert one.salt != two.salt
    assert sealing.erasures == 5
    sealing.stored()
    sealing.forget(5)
    assert sealing.seal(b"3", _header(3), 5).segment == two.segment
    sealing.stored()
    sealing.forget(6)
    assert sealing.seal(b"4", _header(4), 6).segment != two.segment


def test_a_full_segment_is_followed_by_another_within_one_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(seal, "_MAX_RECORDS", 2)
    sealing = _sealing()
    found = [sealing.seal(b"x", _header(n), 0).segment for n in range(4)]
    assert found[0] == found[1] != found[2] == found[3]
    assert list(sealing.segments) == [found[0], found[2]]
    assert [salt.segment for salt in sealing.salts] == [found[0], found[2]]


def test_another_writer_has_a_segment_of_its_own() -> None:
    sealing = _sealing()
    one = sealing.seal(b"x", _header(writer="v"), 0)
    assert sealing.seal(b"x", _header(writer="w"), 0).segment != one.segment


def test_what_did_not_count_can_be_sealed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "_MAX_RECORDS", 2)
    sealing, places = _sealing(), [bytearray(b"large %d" % n) for n in range(3)]
    lost = [sealing.seal(place, _header(n), 0).segment for n, place in enumerate(places)]
    assert all(b"large" not in place for place in places)
    sealing.undo()
    assert places == [b"large %d" % n for n in range(3)]
    assert _open(sealing) == ({}, [], None)
    for number, place in enumerate(places):
        header = _header(number)
        part = sealing.seal(place, header, 1)
        assert part.segment not in lost
        salt = next(one.sealed for one in sealing.salts if one.segment == part.segment)
        binding = Binding.of(header, part.segment)
        found = Opener(_KEY).open(sealing.segments[part.segment], bytes(place), binding, salt)
        assert found == b"large %d" % number


def test_after_a_failure_the_next_part_begins_a_segment() -> None:
    sealing = _sealing()
    one = sealing.seal(b"1", _header(1), 0)
    sealing.end()
    assert _open(sealing) == ({}, [], None)
    two = sealing.seal(b"2", _header(2), 0)
    assert two.segment != one.segment
    assert two.new_salt is not None
