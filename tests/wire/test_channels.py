"""Running texts of a stream, and when each ends."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import UpstreamError
from gateway.wire.channels import Channels, Pieces, Slot, as_list, as_object
from gateway.wire.leaves import settings

A, B, C = Slot("a", 0), Slot("b", 1), Slot("c", 2)


@given(st.lists(st.lists(st.sampled_from([A, B, C]), max_size=3), max_size=12))
def test_a_channel_closes_early_at_most_once_and_in_the_end_for_good(
    events: list[list[Slot]],
) -> None:
    channels = Channels("x/")
    early: list[str] = []
    used: set[str] = set()
    for slots in events:
        pieces = Pieces()
        for slot in slots:
            channels.add(pieces, slot, "text", ("p",))
            used.add(f"x/{slot.name}")
        early += channels.passed()
    assert len(early) == len(set(early))
    assert set(early) | set(channels.close()) == used
    assert channels.close() == []


def test_who_speaks_again_after_an_end_goes_on_with_the_same_text() -> None:
    channels, pieces = Channels(""), Pieces()
    for slot in (A, A, C):
        channels.add(pieces, slot, "text", ())
    assert channels.passed() == ["a"]
    for slot in (A, A, B):
        channels.add(pieces, slot, "text", ())
    channels.close()
    channels.add(pieces, B, "text", ())
    told = [(delta.channel, delta.resumes) for delta in pieces.deltas]
    assert told == [
        *(("a", False), ("a", False), ("c", False)),
        *(("a", True), ("a", False), ("b", False), ("b", True)),
    ]


def test_the_channel_that_speaks_is_never_closed_by_itself() -> None:
    channels = Channels("")
    for slot in (A, A, C, C):
        channels.add(Pieces(), slot, "text", ())
        assert slot.name not in channels.passed()


def test_what_has_ended_closes_once_with_all_below_it() -> None:
    channels = Channels("x/")
    names = ("a/text", "a/logprobs/0", "ab", "b")

    def say() -> None:
        for name in names:
            channels.add(Pieces(), Slot(name, 0), "text", ("p",))

    say()
    assert channels.ended("a") == ["x/a/text", "x/a/logprobs/0"]
    say()
    assert channels.ended("a") == []
    assert channels.ended() == ["x/ab", "x/b"]
    say()
    assert channels.ended() == []
    assert set(channels.close()) == {f"x/{name}" for name in names}


def test_a_piece_of_json_is_marked_as_such() -> None:
    pieces = Pieces()
    Channels("x/").add(pieces, Slot("a", 0, json=True), "{", ("p",))
    assert [delta.json for delta in pieces.deltas] == [True]


def test_an_empty_piece_is_none_and_anything_but_a_string_is_refused() -> None:
    channels, pieces = Channels(""), Pieces()
    channels.add(pieces, A, "", ())
    assert pieces.deltas == []
    with pytest.raises(UpstreamError):
        channels.add(pieces, A, ["x"], ())


def test_an_unknown_place_stays_open_to_the_end_and_names_its_keys_once() -> None:
    channels, first, second = Channels("x/"), Pieces(), Pieces()
    value = [{"text": "one"}, "two"]
    channels.add_unknown(first, "odd", value, ("delta", "odd"))
    channels.add_unknown(second, "odd", value, ("delta", "odd"))
    assert [delta.text for delta in first.deltas] == ["odd", "text", "one", "two"]
    assert [delta.channel for delta in second.deltas] == ["x/odd/0/text", "x/odd/1"]
    channels.add(second, C, "text", ())
    assert channels.passed() == []
    assert channels.close() == ["x/odd/0/text", "x/odd/1", "x/c"]


def test_a_null_says_its_name_once_where_nobody_knows_it() -> None:
    channels, pieces = Channels("x/"), Pieces()
    for key in ("id", "call ada", "call ada"):
        channels.add_null(pieces, {"id"}, ("delta", key))
    assert [(delta.text, delta.rewritable) for delta in pieces.deltas] == [("call ada", False)]


def test_what_stands_whole_closes_with_its_event_on_a_channel_of_its_own() -> None:
    pieces = Pieces()
    pieces.member("k", {"a": "x", "b": "y"}, ("k",), None)
    pieces.member("id", "two words", ("id",), settings)
    assert [delta.text for delta in pieces.deltas] == ["k", "a", "x", "b", "y", "two words"]
    assert [delta.channel for delta in pieces.deltas] == pieces.closes
    assert len(set(pieces.closes)) == 6


def test_parts_of_the_wrong_type_are_refused() -> None:
    wrong: tuple[Any, ...] = (3, "x", True)
    for value in wrong:
        with pytest.raises(UpstreamError):
            as_object(value)
        with pytest.raises(UpstreamError):
            as_list(value)
    with pytest.raises(UpstreamError):
        as_object(None)
    assert as_list(None) == []
