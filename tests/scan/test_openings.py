from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.scan import openings
from gateway.scan.detector import Detector, make
from gateway.scan.injection import INJECTION
from gateway.scan.openings import Openings
from gateway.scan.pii import PII
from gateway.scan.secrets import SECRETS

RULES = Openings([one for one in INJECTION if one.words is None])
VALUES = [one for one in (*PII, *SECRETS) if not openings._is_rule(one)]
TOGETHER = Openings(VALUES)
ALONE = [
    found
    for one in VALUES
    for found in openings._compiled(
        openings._by_width(VALUES, openings._BEHIND_WIDTHS), {one: one.regex.behind}
    )
]


def detector(pattern: str) -> Detector:
    return make("pattern", "X", pattern, lambda _found: 1.0)


def opened(*detectors: Detector) -> Openings:
    return Openings(detectors)


def test_a_match_may_begin_with_any_sign_of_any_script() -> None:
    one = opened(detector(r"\b(?:é|日)x"), detector(r"\(\d\)"), detector(r"\b[ab]-c"))
    assert one.start("", "so é") == 3
    assert one.start("", "so 日") == 3
    assert one.start("", "so 本") == 4
    assert one.start("", "so (1") == 3
    assert one.start("", "so b-") == 3
    assert one.start("o", "b-") == 2


def test_rules_that_are_compiled_apart_are_open_where_each_of_them_is() -> None:
    # As long that RE2 gets them in several expressions.
    rules = [
        detector(rf"\b{first}[ -](?:{'|'.join(first + str(n) for n in range(1500))}) end")
        for first in ("open", "opal", "shut")
    ]
    one = opened(*rules)
    for text in ("open", "now open open17", "now shut-shut1499 e", "opal opal7, opal-opal1", "op"):
        alone = [opened(rule).start("", text) for rule in rules]
        assert one.start("", text) == min(alone) < len(text)
    assert one.start("", "open shut1 shut open1") == len("open shut1 shut open1")


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["ignore", "all", "previous", "</", "<|", "system", "[", "###", "日本", "é"]
        )
        | st.text(max_size=4),
        max_size=8,
    ).map(" ".join),
    st.sampled_from(["", "a", " ", "é"]),
    st.integers(0, 9),
)
def test_a_short_text_is_asked_at_once_what_a_long_one_is_asked_ring_by_ring(
    text: str, context: str, less: int
) -> None:
    ahead = RULES._ahead
    assert ahead is not None
    text = text[-ahead._short :]
    end = apart = max(len(text) - less, 0)
    for ring in ahead._rings:
        apart = ring.start(context[-1:], text, apart)
    assert ahead.start(context, text, end) == apart


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *("password", " = ", '"', "ada", "@", "example", ".", "4111 1111", "sk-", "AKIA"),
                *("-----BEGIN ", "Authorization: Bearer ", "eyJ", "a" * 70, "1" * 40, "é", "日本"),
                *("192.168.", "\n", "DE89 ", "+49 30 ", "key: ", "x" * 300, ", " * 140),
            ]
        )
        | st.text(max_size=3),
        max_size=9,
    ).map("".join)
)
def test_values_asked_together_are_open_where_one_of_them_is_alone(text: str) -> None:
    longest = max(openings._characters(one, text[-width:]) for width, one in ALONE)
    assert TOGETHER.start("", text) == len(text) - longest


def test_a_text_beyond_ascii_that_is_longer_than_all_matches_is_measured_in_characters() -> None:
    text = "é" * 20_000 + " mail ada@exam"
    assert text[TOGETHER.start("", text) :] == "ada@exam"
