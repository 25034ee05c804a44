from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from gateway.audit.publishing import Cosignatures, Publisher
from gateway.audit.store.tree import Kept
from gateway.errors import AuditUnavailable, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable

_NOTE = "text\n\n\u2014 log AAAAAAA=\n"
_ONE, _TWO = "\u2014 one AAAAAAA=\n", "\u2014 two AAAAAAA=\n"


def _kept(number: int) -> Kept:
    return Kept(number, number, number, _NOTE)


def _until(condition: Callable[[], bool]) -> None:
    done = threading.Event()
    while not condition():
        done.wait(0.005)


def test_cosignatures_of_several_come_together() -> None:
    cosignatures = Cosignatures()
    cosignatures.add(_kept(1), _ONE)
    first = cosignatures.waiting()
    cosignatures.add(_kept(1), _TWO)
    cosignatures.stored(first)
    assert [one.note for one in cosignatures.waiting()] == [_NOTE + _ONE + _TWO]
    cosignatures.stored(cosignatures.waiting())
    assert cosignatures.waiting() == []


def test_what_is_no_signature_line_is_refused() -> None:
    cosignatures = Cosignatures()
    for lines in ("x\n", "\n", "\u2014 one AAAAAAA=", "\u2014 one\n"):
        with pytest.raises(VerificationError):
            cosignatures.add(_kept(1), lines)
    assert cosignatures.waiting() == []


def test_only_the_last_checkpoints_are_kept_in_mind() -> None:
    cosignatures = Cosignatures()
    for number in range(100):
        cosignatures.add(_kept(number), _ONE)
    assert [one.number for one in cosignatures.waiting()] == list(range(36, 100))


def test_one_who_is_slow_is_shown_the_newest_only() -> None:
    shown: list[int] = []
    go = threading.Event()

    def publish(kept: Kept) -> str:
        shown.append(kept.number)
        go.wait()
        return ""

    publisher = Publisher("mirror", publish, lambda _kept, _lines: None, 0.0)
    publisher.offer(_kept(1))
    _until(lambda: shown == [1])
    for number in (2, 3, 4):
        publisher.offer(_kept(number))
    go.set()
    _until(lambda: len(shown) == 2)
    publisher.stop(5.0)
    assert shown == [1, 4]


def test_what_comes_back_is_handed_on() -> None:
    got: list[tuple[int, str]] = []
    publisher = Publisher(
        "witness", lambda _: _ONE, lambda kept, lines: got.append((kept.number, lines)), 0.0
    )
    publisher.offer(_kept(7))
    publisher.stop(5.0)
    assert got == [(7, _ONE)]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (AuditUnavailable("it is down"), "witness: it is down"),
        (RuntimeError("secret"), "witness: unexpected RuntimeError"),
    ],
)
def test_one_who_fails_is_tried_again_and_named_meanwhile(error: Exception, words: str) -> None:
    down, tries = threading.Event(), []
    down.set()

    def publish(kept: Kept) -> str:
        tries.append(kept.number)
        if down.is_set():
            raise error
        return ""

    publisher = Publisher("witness", publish, lambda _kept, _lines: None, 0.01)
    publisher.offer(_kept(1))
    _until(lambda: len(tries) > 1)
    assert publisher.problem == words
    down.clear()
    _until(lambda: publisher.problem is None)
    publisher.stop(5.0)
    assert set(tries) == {1}


def test_a_dead_one_does_not_hold_up_the_end() -> None:
    never = threading.Event()
    publisher = Publisher("witness", lambda _: str(never.wait()), lambda _k, _l: None, 0.0)
    publisher.offer(_kept(1))
    publisher.stop(0.05)
    never.set()


def test_connections_to_those_outside_were_left_open_at_the_end() -> None:
    closed: list[str] = []
    seen = threading.Event()

    def publish(_kept: Kept) -> str:
        seen.set()
        return ""

    def close() -> None:
        closed.append(threading.current_thread().name)

    publisher = Publisher("witness", publish, lambda _kept, _lines: None, 0.0, close)
    publisher.offer(_kept(1))
    assert seen.wait(20)
    assert closed == []
    publisher.stop(20)
    assert closed == ["audit-witness"]
