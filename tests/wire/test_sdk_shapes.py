"""Nothing that the SDKs' own types can say passes unread: a mark in every string is found again."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import TYPE_CHECKING

import pytest
from gemini_types import UNREAD as GEMINI_UNREAD
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from responses_types import UNREAD as RESPONSES_UNREAD
from sdk_cases import CASES, SENTENCE, WORD, Case, Found, lines_of, marks_in
from sdk_places import ANTHROPIC_UNREAD, OLLAMA_UNREAD, OPENAI_UNREAD
from sdk_shapes import all_bodies, drawn_body
from sdk_voices import Lines, voices

from gateway.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def fits(site: str, places: Iterable[str]) -> bool:
    return any(fnmatch(site, place) for place in places)


def unread(found: Found, marks: dict[str, str]) -> set[str]:
    texts = "\n".join(text for text, _ in found)
    return {site for mark, site in marks.items() if mark not in texts}


def in_another_voice(found: Found, marks: dict[str, str], lines: Lines) -> set[str]:
    """The places of texts that are somebody's, but of none whose they can be."""
    said = {mark: {whose for text, whose in found if mark in text} for mark in marks}
    return {
        site for mark, site in marks.items() if not said[mark] <= voices(site, lines) | {"unknown"}
    }


def of_nobody(found: Found, marks: dict[str, str]) -> set[str]:
    texts = "\n".join(text for text, whose in found if whose == "unknown")
    return {site for mark, site in marks.items() if mark in texts}


@every_case
def test_every_text_of_every_type_is_read_and_it_is_known_whose_it_is(case: Case) -> None:
    for filled in all_bodies(case.type, SENTENCE, case.rename):
        marks = marks_in(case, filled)
        found = case.find(filled.body)
        assert unread(found, marks) == set()
        assert in_another_voice(found, marks, lines_of(case)) == set()
        places = (*case.unread, *case.unknown)
        assert {site for site in of_nobody(found, marks) if not fits(site, places)} == set()


@every_case
def test_what_is_one_word_is_left_out_at_these_places_only(case: Case) -> None:
    for filled in all_bodies(case.type, WORD, case.rename):
        marks = marks_in(case, filled)
        left = unread(case.find(filled.body), marks)
        assert {site for site in left if not fits(site, case.unread)} == set()


@pytest.mark.parametrize(
    "places",
    [OPENAI_UNREAD, RESPONSES_UNREAD, ANTHROPIC_UNREAD, GEMINI_UNREAD, OLLAMA_UNREAD],
    ids=["openai", "responses", "anthropic", "gemini", "ollama"],
)
def test_no_place_is_listed_in_vain(places: tuple[str, ...]) -> None:
    left: set[str] = set()
    for case in CASES:
        if case.unread is places:
            for filled in all_bodies(case.type, WORD, case.rename):
                marks = marks_in(case, filled)
                left |= unread(case.find(filled.body), marks)
    assert [place for place in places if not any(fnmatch(site, place) for site in left)] == []


@every_case
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_any_body_of_these_types_is_read_or_refused(case: Case, data: st.DataObject) -> None:
    filled = drawn_body(data, case.type, SENTENCE, case.rename)
    marks = marks_in(case, filled)
    try:
        found = case.find(filled.body)
    except BadRequest as refused:
        assert not any(mark in refused.reason for mark in marks)  # noqa: PT017 - both ways are right
        return
    assert unread(found, marks) == set()
