from __future__ import annotations

from gateway.scan.decode import RUN
from gateway.scan.detector import Detector, make
from gateway.scan.matcher import Automaton
from gateway.scan.reader import Reader, State


def reader(*detectors: Detector) -> Reader:
    automaton = Automaton([RUN.trigger, *(one.regex.trigger for one in detectors)])
    return Reader(automaton, dict(enumerate(detectors, 1)))


def detector(pattern: str, *, group: int = 0, window: int = 4096) -> Detector:
    return make("pattern", "X", pattern, lambda _found: 1.0, group=group, window=window)


def spans(text: str, one: Detector, state: State | None = None) -> list[tuple[int, int]]:
    hits, _ = reader(one).read(state or State(), text)
    return [(hit.start, hit.end) for hit in hits]


def test_matches_are_leftmost_longest_and_do_not_overlap() -> None:
    assert spans("aaaaa-aa", detector("a{2,3}")) == [(0, 3), (3, 5), (6, 8)]


def test_places_count_characters_whatever_their_bytes() -> None:
    assert spans("日本\U0001f600ab é ab", detector("ab")) == [(3, 5), (8, 10)]


def test_a_group_is_the_finding_and_the_match_is_used_up() -> None:
    assert spans("k=v k=w", detector("k=([a-z])", group=1)) == [(2, 3), (6, 7)]


def test_what_the_check_refuses_does_not_hide_what_overlaps_it() -> None:
    one = make("pattern", "X", "aba", lambda found: 1.0 if found.after == "!" else None)
    assert spans("ababa!", one) == [(2, 5)]


def test_the_left_context_decides_about_boundaries() -> None:
    one = detector(r"\bab")
    assert spans("ab", one, State("x")) == []
    assert spans("ab", one, State("é ")) == [(0, 2)]


def test_a_detector_goes_on_where_its_last_match_ended() -> None:
    one = detector("aa")
    assert spans("aaaa", one, State("a", {one: 1})) == [(1, 3)]


def test_a_match_is_cut_at_its_window() -> None:
    assert spans("k" + "a" * 50 + "b", detector("ka{1,}", window=20)) == [(0, 20)]


def test_what_is_open_begins_where_the_leftmost_match_may() -> None:
    words, digits = detector(r"\bopen sesame"), detector(r"\d{4}-\d{4}")
    one = reader(words, digits)
    assert one.open_start(State(), "now open ses") == 4
    assert one.open_start(State(), "now opens") == 9
    assert one.open_start(State(), "é 1234-5") == 2
    assert one.open_start(State("x"), "open") == 4
    assert one.open_start(State(), "") == 0


def test_a_reader_without_detectors_holds_nothing() -> None:
    assert reader().open_start(State(), "anything") == 8


def test_runs_that_may_be_an_encoding_are_told() -> None:
    assert reader().read(State(), "x" * 30)[1]
    assert not reader().read(State(), "x " * 30)[1]
