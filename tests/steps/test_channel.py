"""A running text tells what came of it, and whether what it says again has to be read again."""

from __future__ import annotations

import pytest

from gateway.scan.engine import Engine
from gateway.steps.argument_scanner import ArgumentScanner, Means
from gateway.steps.channel import Channel
from gateway.terms import Action, EntityRule, ScannerSpec

PII = ScannerSpec("pii", "pii", frozenset({"answer"}), {"EMAIL_ADDRESS": EntityRule(Action.REDACT)})
MEANS = Means(Engine([PII]), ("pii",), None, 1000)


def running(*pieces: str, json: bool = False) -> Channel:
    scanner = ArgumentScanner(MEANS) if json else MEANS.scanner("answer", rewritable=True)
    channel = Channel("a", scanner, json=json, pieces=list(pieces))
    for piece in pieces:
        scanner.feed(piece)
    return channel


@pytest.mark.parametrize(
    ("pieces", "json", "clean"),
    [
        (("to ", "nobody"), False, True),
        (("to bob@", "example.com"), False, False),
        (('{"a": "no', 'body"}'), True, True),
        (('{"a": "no', "body"), True, True),
        (('{"a": "bob@', 'example.com"}'), True, False),
        (('{"bob@example.com": 1}',), True, False),
        (('{"a": no JSON',), True, False),
    ],
)
def test_a_text_is_clean_where_nothing_is_found_in_all_of_it(
    pieces: tuple[str, ...],
    json: bool,  # noqa: FBT001 - a parameter of the test
    clean: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    channel = running(*pieces, json=json)
    assert not channel.is_clean, "it may go on"
    channel.close()
    assert channel.is_clean == clean


def test_what_went_on_or_failed_is_not_known_to_be_clean() -> None:
    one, other = running("to nobody"), running("to nobody")
    for channel in (one, other):
        channel.close()
        assert channel.is_clean
    one.resume()
    one.close()
    other.failed = "error"
    assert not one.is_clean
    assert not other.is_clean
    assert not Channel("a", None, closed=True).is_clean, "nobody read it"


def test_the_same_words_as_something_else_say_something_else() -> None:
    one = running("{", "}")
    assert one.says(running("{}"))
    assert not one.says(running("{ }"))
    assert not one.says(running("{}", json=True))
    assert not one.says(Channel("a", None, pieces=["{}"], provenance="call"))


def test_what_all_has_left_tells_what_was_found() -> None:
    channel = running("to bob@example.com")
    channel.close()
    found = list(channel.matches())
    assert [value for _, value in found] == ["bob@example.com"]
    channel.retire()
    assert channel.scanner is None
    assert (list(channel.matches()), channel.chars) == (found, len("to bob@example.com"))


def test_a_text_that_is_trusted_is_read_no_more() -> None:
    channel = running("to nobody")
    channel.unread = 1
    channel.trust()
    assert (channel.scanner, channel.unread, list(channel.matches())) == (None, 0, [])
    assert channel.chars == len("to nobody")
