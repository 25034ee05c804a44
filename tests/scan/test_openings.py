from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.scan import openings
from gateway.scan.detector import Detector, make
from gateway.scan.injection import INJECTION
from gateway.scan.openings import Openings
from gateway.scan.pii import PII
from gateway.scan.secrets import SECRETS

if TYPE_CHECKING:
    from gateway.scan.detector import DetectorKind

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


def detector(pattern: str, kind: DetectorKind = "pattern") -> Detector:
    return make(kind, "X", pattern, lambda _found: 1.0)


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


def test_what_may_grow_to_a_match_of_our_own_rules_is_compiled_once_something_begins_as_one() -> (
    None
):
    one = Openings(INJECTION)
    assert one._ahead is not None
    asked = [ahead for _, ahead in one._ahead._all._first._aheads]

    def compiled() -> int:
        return sum(ahead._ask is not None for ahead in asked if isinstance(ahead, openings._Later))

    assert one.start("", "7 ") == 2
    assert compiled() == 0 < len(asked)
    assert one.start("", "ignore all previous inst") == 0
    assert 0 < compiled() < len(asked)
    assert one.start("", "ignore all previous inst") == 0


def test_what_a_policy_brings_is_compiled_with_it() -> None:
    one = opened(detector(r"\b(?:open|shut) this"))
    assert one._ahead is not None
    (asked,) = one._ahead._all._first._aheads
    assert not isinstance(asked[1], openings._Later)


def test_letters_that_are_others_in_another_case_are_told_as_open() -> None:
    # In "[^a-z]" neither is, where case is no matter; what may be open is not told so exactly.
    for text in ("ignore \u017f", "ignore\u212a", "ignore.\u017fet"):
        exact = min(_open_alone(one, text) for one in INJECTION if openings._is_rule(one))
        assert RULES.start("", text) <= exact


def _open_alone(one: Detector, text: str) -> int:
    """Where the language of its prefixes is found by Python, in what is no beginning of a word."""
    ahead = re.compile(_python(one.regex.ahead))
    starts = (at for at in range(len(text)) if not at or not text[at - 1].isalnum())
    return next((at for at in starts if ahead.fullmatch(text, at)), len(text))


def _python(expression: str) -> str:
    flags = "(?i)" if expression.startswith("(?i)") else ""
    body = expression.removeprefix("(?i)").replace("(?-i:", "(?:")
    return flags + re.sub(r"\\x\{([0-9a-f]+)\}", lambda one: re.escape(chr(int(one[1], 16))), body)


def test_attack_a_value_is_open_far_behind_what_it_begins_with() -> None:
    told = detector(r"sesame[ :=]{1,3}[a-z]{2,400};", "secrets")
    one, grown = (
        opened(told),
        openings._compiled(
            openings._by_width([told], openings._BEHIND_WIDTHS), {told: told.regex.behind}
        ),
    )
    assert openings._begins(told) is not None
    for text in ("s", "so se", "so sesame", "so sesame: " + "x" * 300, "sesame no", "x" * 300, ""):
        assert one.start("", text) == len(text) - openings._length(grown, text)
    assert one.start("", "so sesame: " + "x" * 300) == 3


def test_what_much_text_has_is_asked_for_as_a_whole() -> None:
    for pattern in (r"[a-z]{4,8}-\d{9}", r"e\w{3}!", "on"):
        assert openings._begins(detector(pattern, "secrets")) is None


def test_what_a_policy_brings_is_asked_for_as_a_whole() -> None:
    assert openings._begins(detector("sesame: [a-z]{9}")) is None


def test_bug_a_rule_that_repeats_without_end_was_asked_backward_where_words_begin() -> None:
    """It was asked from within words too, so that "das" could begin what begins with "as"."""
    wide = [one.rule for one in INJECTION if one.regex.starts_words and not openings._is_rule(one)]
    assert wide == []
    assert Openings(INJECTION).start("", "das ") == len("das ")
