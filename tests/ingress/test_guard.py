from __future__ import annotations

import timeit
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Refusal
from gateway.ingress.guard import RequestHead, content_length, guard
from gateway.ingress.rules import RULES

CORPUS: Final[dict[str, list[dict[str, Any]]]] = tomllib.loads(
    (Path(__file__).parent / "corpus.toml").read_text()
)
ALLOWED: Final = frozenset({"gateway.test", "[::1]", "127.0.0.1", "llm_gateway"})


def _names(cases: list[dict[str, Any]]) -> list[str]:
    return [case.get("name", case["line"]) for case in cases]


def _head(case: dict[str, Any]) -> RequestHead:
    """What a server that checks nothing would hand to an application."""
    fill = case.get("fill", 0)
    method, target, version = case["line"].replace("@@", "a" * fill).split(" ")
    path, _, query = target.partition("?")
    lines: list[str] = []
    for line in case["headers"]:
        small = [f"X-{number}: 1" for number in range(fill)]
        lines += small if line == "@lines@" else [line.replace("@@", "a" * fill)]
    pairs = [line.encode("latin-1").partition(b":") for line in lines]
    headers = tuple((name.lower(), value.strip(b" \t")) for name, _, value in pairs)
    encoded = path.encode("latin-1"), query.encode("latin-1")
    return RequestHead(method, *encoded, version.removeprefix("HTTP/"), headers)


@pytest.mark.parametrize("case", CORPUS["bad"], ids=_names(CORPUS["bad"]))
def test_attack_is_stopped_by_its_rule(case: dict[str, Any]) -> None:
    head = _head(case)
    with pytest.raises(Refusal) as refusal:
        guard(head, allowed_hosts=ALLOWED)
    rule, _, words = refusal.value.reason.partition(": ")
    assert rule == case["rule"]
    assert words == RULES[rule].words
    assert type(refusal.value) is RULES[rule].refusal
    assert refusal.value.message == refusal.value.default


@pytest.mark.parametrize("case", CORPUS["good"], ids=_names(CORPUS["good"]))
def test_good_heads_pass(case: dict[str, Any]) -> None:
    guard(_head(case), allowed_hosts=ALLOWED)
    guard(_head(case))


def test_every_rule_of_the_line_and_headers_has_its_attack() -> None:
    of_bodies = {"content-type", "content-encoding"}
    assert {case["rule"] for case in CORPUS["bad"]} == RULES.keys() - of_bodies
    assert len(CORPUS["bad"]) >= 60
    assert len(set(_names(CORPUS["bad"]))) == len(CORPUS["bad"])


GOOD: Final = _head(CORPUS["good"][0])


def test_bounds_are_parameters() -> None:
    size = sum(len(name) + len(value) + 4 for name, value in GOOD.headers)
    guard(GOOD, max_headers_bytes=size)
    with pytest.raises(Refusal, match="headers-size"):
        guard(GOOD, max_headers_bytes=size - 1)
    with pytest.raises(Refusal, match="method"):
        guard(GOOD, methods=frozenset({"GET"}))
    with pytest.raises(Refusal, match="http-version"):
        guard(GOOD, versions=frozenset({"2"}))
    with pytest.raises(Refusal, match="host-unknown"):
        guard(GOOD, allowed_hosts=frozenset())


def test_content_length_is_a_number_or_none() -> None:
    assert content_length(GOOD.headers) == 2
    assert content_length(((b"host", b"a"),)) is None


@given(
    st.sampled_from(["GET", "POST", "get", ""]),
    st.binary(max_size=20).map(lambda raw: b"/" + raw),
    st.binary(max_size=10),
    st.lists(
        st.tuples(
            st.sampled_from([b"host", b"content-length", b"connection", b"expect"])
            | st.binary(max_size=5),
            st.sampled_from([b"gateway.test", b"1", b"close"]) | st.binary(max_size=8),
        ),
        max_size=6,
    ),
)
def test_any_head_passes_or_is_refused(
    method: str, path: bytes, query: bytes, headers: list[tuple[bytes, bytes]]
) -> None:
    head = RequestHead(method, path, query, "1.1", tuple(headers))
    with suppress(Refusal):
        guard(head)
        assert b"host" in dict(headers)


def test_a_usual_request_takes_microseconds() -> None:
    more = tuple((b"x-stainless-%d" % number, b"value") for number in range(8))
    head = RequestHead("POST", GOOD.raw_path, b"", "1.1", GOOD.headers + more)
    assert min(timeit.repeat(lambda: guard(head), number=1000, repeat=5)) / 1000 < 100e-6
