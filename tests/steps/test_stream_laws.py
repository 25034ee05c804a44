"""The laws of streams, for every route that streams: arbitrary texts, policies and cuttings.

A client reads what a scan of each whole text says, however the bytes were cut; nothing of a blocked
span leaves, in whatever spelling; what nothing changed leaves byte for byte.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from decisions import allowing
from dialects import STREAMING, Told, dialect_of
from fates import Fate, Fates
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.demo.reply import DemoReply, ToolCall
from gateway.scan.engine import Engine
from gateway.scan.finding import Replacement
from gateway.scan.pseudonyms import Pseudonyms
from gateway.steps.delay_line import DelayLine
from gateway.terms import Action, EntityRule, ScannerSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.scan.stream import StreamScanner
    from gateway.wire.formats import Route

T = TypeVar("T")
EXAMPLES = 25
ANSWERS = frozenset({"user", "answer"})
PATTERNS = {"PROJECT": r"project[ -]bluebird", "SPAN": r"begin.{0,30}end", "RUN": r"[xyz]{2,20}"}
POLICIES = {
    "nothing": (),
    "flag": ("flag", "patterns"),
    "redact": ("redact", "names"),
    "tokenise": ("tokenise", "names"),
    "block": ("block", "redact", "tokenise"),
    "all": ("flag", "redact", "tokenise", "block", "patterns", "names"),
}


@cache
def engine() -> Engine:
    def pii(name: str, **rules: EntityRule) -> ScannerSpec:
        return ScannerSpec(name, "pii", ANSWERS, rules)  # type: ignore[arg-type]

    def pattern(name: str, action: Action, *entities: str) -> ScannerSpec:
        chosen = {entity: PATTERNS[entity] for entity in entities}
        return ScannerSpec(name, "pattern", ANSWERS, action=action, patterns=chosen)  # type: ignore[arg-type]

    return Engine(
        [
            pii(
                "flag", EMAIL_ADDRESS=EntityRule(Action.FLAG), PHONE_NUMBER=EntityRule(Action.FLAG)
            ),
            pii("redact", EMAIL_ADDRESS=EntityRule(Action.REDACT)),
            pii(
                "tokenise",
                EMAIL_ADDRESS=EntityRule(Action.TOKENISE),
                PHONE_NUMBER=EntityRule(Action.TOKENISE, keep_format=True),
            ),
            pii("block", CREDIT_CARD=EntityRule(Action.BLOCK)),
            pattern("patterns", Action.FLAG, "SPAN", "RUN"),
            pattern("names", Action.TOKENISE, "PROJECT", "SPAN"),
        ]
    )


def pseudonyms() -> Pseudonyms:
    names = Pseudonyms(b"k" * 32)
    names.issue(Replacement(0, 0, "tokenise", "EMAIL_ADDRESS"), "ann@example.com")
    names.issue(Replacement(0, 0, "tokenise", "SPAN"), 'begin "a\\b"\nü😀 end')
    names.issue(Replacement(0, 0, "tokenise", "PHONE_NUMBER", True), "+1 212-555-0123")
    return names


STAND_INS = [
    pseudonyms().issue(Replacement(0, 0, "tokenise", entity, keep), value)
    for entity, value, keep in (
        ("EMAIL_ADDRESS", "ann@example.com", False),
        ("SPAN", 'begin "a\\b"\nü😀 end', False),
        ("PHONE_NUMBER", "+1 212-555-0123", True),
    )
]
CARD = "4111 1111 1111 1111"
FRAGMENTS = [
    *("Hi ", "you ", ". ", ", ", "\n", '"', "\\", "é", "ü😀", "\u2028", "\x85", "", " and ", "{"),
    *("bob@", "example", ".com", "bob@example.com", "+1 212", "-555-0123", "&#64;", "%40"),
    *("project ", "bluebird", "begin", "end", "xyz", "xx", "\\u0040", "\u200b"),
    *STAND_INS,
    *(STAND_INS[0][:9], STAND_INS[0][9:], STAND_INS[1].lower(), STAND_INS[2][:6], STAND_INS[2][6:]),
    *("<EMAIL_ADDRESS_0123456789>", "<", ">"),
]
PIECES = st.lists(st.sampled_from([*FRAGMENTS, CARD, CARD[:7], CARD[7:]]), max_size=7).map(tuple)
CARDS = (12125550123, 4111111111111111, 4111111111111111.0, -12125550123.5, 4.1e99)
NUMBERS = st.one_of(st.integers(-(10**9), 10**9), st.sampled_from(CARDS))
VALUES = st.one_of(PIECES.map("".join), NUMBERS, st.booleans(), st.floats(0, 1e20))
KEYS = st.sampled_from(["to", "body", "é", '"\\', "", "xx", "bob@example.com"])
ARGUMENTS = st.dictionaries(
    KEYS,
    st.one_of(VALUES, st.lists(VALUES, max_size=2)),
    max_size=2,
)
CALLS = st.builds(ToolCall, st.sampled_from(["mail", "find"]), ARGUMENTS)
REPLIES = st.builds(
    DemoReply,
    text=PIECES.map(lambda pieces: ("", *pieces)),
    thinking=PIECES,
    tool_calls=st.lists(CALLS, max_size=2).map(tuple),
)
SPELLINGS = ("as it is", "in ASCII", "escaped")


def spelt(value: Any, how: str) -> str:
    """A value as JSON, in one of the ways in which servers write it."""
    if how != "escaped":
        return json.dumps(value, ensure_ascii=how == "in ASCII", separators=(",", ":"))
    if isinstance(value, dict):
        members = (f"{json.dumps(key)}:{spelt(inner, how)}" for key, inner in value.items())
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(spelt(inner, how) for inner in value) + "]"
    if isinstance(value, str):
        units = value.encode("utf-16-be").hex()
        return '"' + "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)) + '"'
    return json.dumps(value)


def through(
    route: Route, stream: bytes, cuts: Sequence[int], scanners: tuple[str, ...]
) -> tuple[bytes, DelayLine]:
    """What leaves the gateway, as its step of answering sends it."""
    decision = allowing(*scanners)
    reader = route.format.stream_reader()
    line = DelayLine(reader, engine(), decision, pseudonyms())
    out, start = b"", 0
    for end in (*sorted({cut % (len(stream) + 1) for cut in cuts}), len(stream)):
        out += line.push(reader.feed(stream[start:end]))
        start = end
        if line.blocked or line.final is not None:
            break
    else:
        out += line.push(reader.finish())
    if line.blocked:
        return out + reader.stop(), line
    assert line.final is not None
    return out + line.final, line


def fates(scanners: tuple[str, ...]) -> Fates:
    def stream(rewritable: bool) -> StreamScanner:  # noqa: FBT001 - as the caller has it
        names = pseudonyms()
        words = names.inward if rewritable else names.fixed
        return engine().stream("answer", scanners, words)

    return Fates(lambda text: engine().scan(text, "answer", scanners), stream)


def check(route: Route, stream: bytes, cuts: Sequence[int], scanners: tuple[str, ...]) -> None:
    dialect = dialect_of(route)
    came = dialect.told(stream)
    out, line = through(route, stream, cuts, scanners)
    told = dialect.told(out)
    one_by_one = fates(scanners)
    fate = {
        name: one_by_one.of_json(text) if name in came.json else one_by_one.of(text)
        for name, text in came.texts.items()
    }
    assert not told.error
    if line.blocked:
        assert dialect.stopped in told.finish
        assert out.endswith(dialect.last)
    else:
        assert (told.finish, told.usage) == (came.finish, came.usage)
        recorded = line.texts().values()
        written = [text for name, text in came.texts.items() if name not in came.objects]
        assert all(any(text in one for one in recorded) for text in written)
    if _turns_back(route, stream):
        _check_turning_back(told, fate, blocked=line.blocked)
        return
    blocking = {name for name, one in fate.items() if one.blocked is not None}
    assert line.blocked == bool(blocking)
    for name, one in fate.items():
        got = told.texts.get(name, "")
        assert one.may.startswith(got) if blocking else one.may == got, name
        if one.blocked is not None:
            _nowhere(one.blocked[:6], told)
        elif name in came.json and not blocking:
            json.loads(got)
    if not blocking:
        _check_unchanged(came, told, fate, same=out == stream)


def _check_unchanged(came: Told, told: Told, fate: dict[str, Fate], *, same: bool) -> None:
    found = [(value, one) for each in fate.values() for value, one in each.replaced]
    # What the client said itself is replaced by itself, and a forged stand-in by nothing.
    changing = {one.kind for _, one in found} - {"stand_in"}
    assert same or told.texts != came.texts or changing
    for value, one in found:
        if one.kind != "stand_in" and one.end - one.start > 5:
            _nowhere(value, told)


def _turns_back(route: Route, stream: bytes) -> bool:
    """Whether a text goes on that the answer had moved on from, so that its end had left."""
    reader = route.format.stream_reader()
    events = [*reader.feed(stream), *reader.finish()]
    return any(delta.resumes for event in events for delta in event.deltas)


def _check_turning_back(told: Told, fate: dict[str, Fate], *, blocked: bool) -> None:
    """What the whole text would not show is not shown, or else the stream is blocked."""
    for name, each in () if blocked else fate.items():
        assert each.blocked is None
        got = told.texts.get(name, "")
        for value, one in each.replaced:
            assert one.kind == "stand_in" or value not in got or value in each.may


def _nowhere(value: str, told: Told) -> None:
    """What was taken out of a text stands nowhere else, such as in tokens."""
    if not any(value in text for text in told.texts.values()):
        assert not any(value in leaf for leaf in told.leaves.values())


@dataclass(frozen=True)
class Stream:
    """How a stream comes.

    Attributes:
        replies: Answers, or parts of one, that take turns.
        order: Which of them goes on.
        how: How the JSON of each event is spelt, in turns.
        measured: Whether log probabilities spell the text again.
        end: How lines end.
        cuts: Where the bytes are cut.
    """

    replies: tuple[DemoReply, ...]
    order: tuple[int, ...] = ()
    how: tuple[str, ...] = SPELLINGS[:1]
    measured: bool = False
    end: str = "\n"
    cuts: tuple[int, ...] = ()

    def bytes_of(self, route: Route) -> bytes:
        dialect = dialect_of(route)
        voices = [dialect.events(route, reply) for reply in self.replies]
        events = dialect.interleaved(voices, self.order)
        if self.measured:
            events = [dialect.measure(event) for event in events]
        framed = [
            dialect.framed(event, spelt(event, self.how[number % len(self.how)]), self.end)
            for number, event in enumerate(events)
        ]
        return b"".join(framed) + dialect.last


def tuples(items: st.SearchStrategy[T], least: int, most: int) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(items, min_size=least, max_size=most).map(tuple)


STREAMS = st.builds(
    Stream,
    tuples(REPLIES, 1, 3),
    tuples(st.integers(0, 5), 0, 20),
    tuples(st.sampled_from(SPELLINGS), 1, 4),
    st.booleans(),
    st.sampled_from(["\n", "\r\n", "\r"]),
    tuples(st.integers(0, 20_000), 0, 12),
)


@pytest.mark.parametrize("route", STREAMING, ids=lambda route: route.path.decode())
@settings(max_examples=EXAMPLES, deadline=None, report_multiple_bugs=False)
@given(stream=STREAMS, policy=st.sampled_from(sorted(POLICIES)))
def test_what_a_client_reads_is_the_scan_of_each_whole_text(
    route: Route, stream: Stream, policy: str
) -> None:
    check(route, stream.bytes_of(route), stream.cuts, POLICIES[policy])
