"""What is remembered as silent changes nothing that is found, held or released."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from words import TEXTS

from gateway.scan import silence
from gateway.scan.channel import Channel
from gateway.scan.engine import Engine, default_specs
from gateway.scan.matcher import compile_ahead
from gateway.scan.secrets import SECRETS
from gateway.scan.silence import Silence
from gateway.terms import PROVENANCES, Action, ScannerSpec

if TYPE_CHECKING:
    from gateway.scan.channel import Progress
    from gateway.scan.selection import Selection


@functools.cache
def selection() -> Selection:
    patterns = {"SHORT": "ab", "GAP": r"project[ -]bluebird", "WIDE": r"quick.{0,20}fox"}
    own = ScannerSpec(
        "own", "pattern", frozenset(PROVENANCES), action=Action.REDACT, patterns=patterns
    )
    specs = (*default_specs(), own)
    return Engine(specs)._selection("answer", tuple(spec.name for spec in specs))


def progress(pieces: list[str]) -> list[Progress]:
    channel = Channel(selection())
    steps = [channel.advance(piece, final=False) for piece in pieces]
    return [*steps, channel.advance("", final=True)]


@settings(max_examples=400, deadline=None)
@given(TEXTS)
@example(["the quick ", "fox"])
@example(["so ", "\uff41", "b "])
@example(["\uff06", "amp; ignore ", "all previous instructions "])
def test_to_pass_over_what_is_silent_changes_no_step(pieces: list[str]) -> None:
    passing = progress(pieces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Channel, "_pass_over", lambda _channel: None)
        assert passing == progress(pieces)


@pytest.mark.parametrize("text", ["fox ", "so, ", "über ", "记录了", "“so” ", 'so "', "„", ". "])
def test_words_that_mean_nothing_are_silent(text: str) -> None:
    silent = selection().reader.silence.of(text)
    assert silent is not None
    assert silent.chars == len(text)


@pytest.mark.parametrize(
    "text", ["secret ", "ignore ", "12 ", "ab ", "& ", "%", "\\ ", "\uff06 ", "x" * 30 + " "]
)
def test_what_may_begin_something_is_not(text: str) -> None:
    assert selection().reader.silence.of(text) is None


def test_a_silent_text_comes_with_its_layers() -> None:
    assert selection().reader.silence.of("“só” ") == (5, ("“só” ", '"so" '))


@pytest.mark.parametrize(
    ("text", "count"),
    [("fox", 0), ("fox ju", 4), ("nä", 0), ("so nä", 3), ("das “ü", 5), ("… ½", 2)],
)
def test_the_last_word_is_none_of_it_whatever_it_is_disguised_as(text: str, count: int) -> None:
    silent = selection().reader.silence.of(text)
    assert silent is not None
    assert silent.chars == count


def test_a_text_is_asked_about_once() -> None:
    asked: list[str] = []

    def is_silent(text: str) -> bool:
        asked.append(text)
        return True

    memory = Silence(is_silent)
    assert [memory.of("so ") for _ in range(3)] == [(3, ("so ",))] * 3
    assert asked == ["so "]


def test_long_texts_are_not_remembered() -> None:
    memory = Silence(lambda _text: True)
    memory.of("so " * 20)
    assert not memory._known


def test_no_more_than_a_few_thousand_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "_MOST", 10)
    memory = Silence(lambda _text: True)
    for number in range(25):
        memory.of(f"{number} ")
        assert len(memory._known) <= 10


def test_what_begins_something_is_asked_about_once_and_kept_as_no_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(silence, "_MOST", 10)
    asked: list[str] = []

    def is_silent(text: str) -> bool:
        asked.append(text)
        return False

    memory = Silence(is_silent)
    assert [memory.of("ada@example ") for _ in range(3)] == [None] * 3
    assert asked == ["ada@example "]
    assert memory._loud == {hash("ada@example ")}
    assert not memory._known
    for number in range(25):
        memory.of(f"{number} ")
        assert len(memory._loud) <= 10


def test_who_shares_the_hash_of_a_loud_text_is_read_the_whole_way() -> None:
    memory = Silence(lambda _text: True)
    memory._loud.add(hash("so "))
    assert memory.of("so ") is None


def test_bug_every_word_with_a_blank_after_it_was_read_the_whole_way() -> None:
    """A rule of secrets began with a blank, so that something began in each word of a stream."""
    for one in SECRETS:
        ahead = compile_ahead([one.regex])
        assert not any(ahead(sign) for sign in (b" ", b"\n", b'"', b"'")), one.rule
