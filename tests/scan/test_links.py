from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.scan.engine import Engine
from gateway.scan.links import FOREIGN_LINK, host_of
from gateway.terms import Action, ScannerSpec

HOSTS = ("good.test", "*.fine.test", "[2001:db8::1]")
SPEC = ScannerSpec(
    "rule~links", "links", frozenset({"answer"}), action=Action.REDACT, of="rule", allow=HOSTS
)
ENGINE = Engine([SPEC])


def found(text: str) -> list[str]:
    scan = ENGINE.scan(text, "answer", ["rule~links"])
    assert {one.entity for one in scan.findings} <= {FOREIGN_LINK}
    return [text[one.start : one.end] for one in scan.findings]


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.test/a?b=c",
        "HTTPS://EVIL.TEST",
        "http://good.test@evil.test/",
        "http://good.test:80@evil.test/",
        "https:\\\\evil.test\\x",
        "https:/evil.test",
        "ftp://evil.test",
        "https://good.test.evil.test",
        "https://evilgood.test",
        "https://fine.test",
        "https://xn--80ak6aa92e.test",
        "https://[::1]/x",
        "https://0x7f.1/",
        "https://%65vil.test/",
        "https&#58;//evil.test/x",
        "\uff48ttps://evil.test",
        "https://g\u043eod.test",
    ],
)
def test_a_link_to_a_host_that_is_not_listed(text: str) -> None:
    assert found(f"see {text} now") == [text]


@pytest.mark.parametrize(
    "text",
    [
        "https://good.test/evil.test?to=//evil.test",
        "https://GOOD.test:8443/x",
        "see https://good.test.",
        "(https://a.b.fine.test/)",
        "https://user@good.test",
        "https://[2001:db8::1]/x",
        "![x](//good.test/x.png)",
        "a // comment, and C:\\\\users\\x",
        "no link: evil.test, a/b//c",
        "mailto:me@evil.test",
    ],
)
def test_what_leads_nowhere_else(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("![x](//evil.test/?q=1)", "//evil.test/?q=1"),
        ("[x](<//evil.test>)", "//evil.test"),
        ("[1]: //evil.test/a", "//evil.test/a"),
        ("<img src='//evil.test/a'>", "//evil.test/a"),
        ("<a href=//evil.test>", "//evil.test"),
        ('<form action = "\\/evil.test">', "\\/evil.test"),
    ],
)
def test_a_link_without_a_scheme_where_markup_names_a_target(text: str, link: str) -> None:
    assert found(text) == [link]


def test_all_of_a_link_is_taken_out_and_what_it_carries_with_it() -> None:
    stream = ENGINE.stream("answer", ["rule~links"])
    out = []
    for piece in ("![a](https://ev", "il.test/?data=the", "+secret) and", " more"):
        stream.feed(piece)
        out.append(stream.take(stream.settled))
    stream.close()
    assert "".join([*out, stream.take(stream.settled)]) == "![a]([FOREIGN_LINK]) and more"


@given(st.text(max_size=40))
def test_a_host_is_told_or_not_but_never_fails(text: str) -> None:
    host = host_of("https://" + text)
    assert host is None or host == host.lower()
