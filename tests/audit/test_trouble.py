from __future__ import annotations

import pytest

from gateway.audit.trouble import TOLERATED, Trouble
from gateway.errors import AuditUnavailable, VerificationError


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr("gateway.audit.trouble.time.monotonic", lambda: now[0])
    return now


def test_what_is_not_what_was_signed_is_told_at_once_and_once() -> None:
    told: list[str] = []
    trouble = Trouble(told.append)
    for sentence in ("one", "one", "two"):
        trouble.wrong(sentence)
        assert (trouble.problem, trouble.now) == (sentence, True)
    assert told == [f"the log's tree is not what was signed: {word}" for word in ("one", "two")]
    trouble.over()
    assert (trouble.problem, trouble.now) == (None, False)


def test_failures_are_tolerated_for_some_time_and_told_once(clock: list[float]) -> None:
    told: list[str] = []
    trouble = Trouble(told.append)
    for now, problem in (
        (0.0, None),
        (TOLERATED, None),
        (TOLERATED + 1, "locked"),
        (99.0, "locked"),
    ):
        clock[0] = now
        trouble.failed(AuditUnavailable("locked"))
        assert (trouble.problem, trouble.now) == (problem, True)
    assert told == ["the log's tree does not grow: locked"]
    trouble.over()
    trouble.failed(AuditUnavailable("locked"))
    assert trouble.problem is None


def test_failures_that_last_are_told_again_and_their_end_once(clock: list[float]) -> None:
    told: list[str] = []
    trouble = Trouble(told.append, "it fails", 600.0, lambda: told.append("over"))
    trouble.over()
    for now in range(0, 1900, 100):
        clock[0] = now
        trouble.failed(AuditUnavailable("locked"))
    assert told == ["it fails: locked"] * 3
    trouble.over()
    trouble.over()
    trouble.failed(AuditUnavailable("locked"))
    trouble.over()
    assert told[3:] == ["over"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (AuditUnavailable("reason"), "reason"),
        (VerificationError("words of ours"), "words of ours"),
        (ValueError("secret"), "unexpected ValueError"),
    ],
)
def test_only_our_own_words_are_repeated(clock: list[float], error: Exception, words: str) -> None:
    trouble = Trouble(None)
    for now in (0.0, TOLERATED + 1):
        clock[0] = now
        trouble.failed(error)
    assert trouble.problem == words


def test_who_is_told_may_fail() -> None:
    def burst(_sentence: str) -> None:
        raise RuntimeError

    Trouble(burst).wrong("x")
