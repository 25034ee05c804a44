from __future__ import annotations

import time
from hashlib import sha256

import pytest
from made_up_log import MadeUpLog, new_signer

from gateway.audit.remembered import Remembered
from gateway.audit.store.tree import Kept
from gateway.errors import VerificationError

_STORE = "0123456789abcdef"


def _kept(log: MadeUpLog, size: int, number: int = 1) -> Kept:
    return Kept(number, size, round(time.time() * 1000), log.note(size))


def _log() -> MadeUpLog:
    return MadeUpLog(new_signer("log.example"))


def test_a_log_that_grows_is_remembered() -> None:
    log = _log()
    remembered = Remembered([log.signer.verifier])
    assert remembered.age == float("inf")
    remembered.see(None, _STORE)
    for size in (3, 3, 7):
        remembered.see(_kept(log, size), _STORE)
        assert remembered.known == [log.checkpoint(size)]
    assert remembered.age < 60


def test_a_store_that_forgot_is_noticed() -> None:
    log = _log()
    for newest in (None, _kept(log, 6)):
        remembered = Remembered([log.signer.verifier])
        remembered.see(_kept(log, 7), _STORE)
        with pytest.raises(VerificationError, match="older copy was put back"):
            remembered.see(newest, _STORE)
        assert remembered.known == [log.checkpoint(7)]


def test_a_fork_that_the_log_itself_signed_is_noticed() -> None:
    log = _log()
    remembered = Remembered([log.signer.verifier])
    remembered.see(_kept(log, 7), _STORE)
    with pytest.raises(VerificationError, match="the log was forked"):
        remembered.see(_kept(log.fork(5), 7, number=2), _STORE)


@pytest.mark.parametrize("size", [7, 9])
def test_what_somebody_else_signed_displaces_nothing(size: int) -> None:
    log, other = _log(), _log()
    remembered = Remembered([log.signer.verifier])
    remembered.see(_kept(log, 7), _STORE)
    forged = _kept(MadeUpLog(other.signer, forked=2), size, number=2)
    remembered.see(forged, _STORE)
    assert (remembered.newest, remembered.known) == (forged, [log.checkpoint(7)])
    remembered.see(_kept(MadeUpLog(log.signer, store="f" * 16), 9, number=3), _STORE)
    assert remembered.known == [log.checkpoint(7)]


def test_another_store_is_begun_with_nothing() -> None:
    log = _log()
    remembered = Remembered([log.signer.verifier])
    remembered.see(_kept(log, 7), _STORE)
    remembered.forget()
    remembered.see(_kept(log, 3), _STORE)
    assert remembered.known == [log.checkpoint(3)]


def test_a_checkpoint_that_is_none_is_noticed() -> None:
    remembered = Remembered([_log().signer.verifier])
    with pytest.raises(VerificationError, match="no signed note"):
        remembered.see(Kept(1, 1, 1, sha256(b"").hexdigest()), _STORE)
