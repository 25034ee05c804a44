from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.revoked import (
    BadRevocation,
    Revocation,
    RevokedTokens,
    read_lines,
    read_revocation,
    read_time,
    write_revocation,
)
from gateway.ingress.strict_json import dumps
from gateway.terms import Principal

if TYPE_CHECKING:
    from collections.abc import Callable

NOON = 1_795_608_000.0  # 2026-11-25T12:00:00Z


def who(**changes: Any) -> Principal:
    usual: dict[str, Any] = {
        "subject": "ada", "issuer": "https://one/", "roles": (), "tenant": None, "claims": {},
        "key": b"", "expires": NOON + 600, "token_id": "t1", "issued": NOON,
    }  # fmt: skip
    return Principal(**{**usual, **changes})


def reason(line: dict[str, Any], **changes: Any) -> str | None:
    return RevokedTokens([read_revocation(dumps(line))]).reason(who(**changes))


def test_nothing_is_revoked_by_an_empty_list() -> None:
    assert RevokedTokens().reason(who(token_id=None, issued=None)) is None


def test_a_token_is_revoked_by_its_name() -> None:
    assert reason({"jti": "t1"}) == "revoked: the token"
    assert reason({"jti": "t1", "issuer": "https://one/"}) == "revoked: the token"
    assert reason({"jti": "t1", "issuer": "https://two/"}) is None
    for other in ("t2", "T1", "t1 ", None):
        assert reason({"jti": "t1"}, token_id=other) is None


def test_a_subject_is_revoked_up_to_a_time() -> None:
    line = {"subject": "ada", "before": "2026-11-25T12:00:00Z"}
    for issued in (0.0, NOON - 1, NOON):
        assert reason(line, issued=issued) == "revoked: the subject"
    assert reason(line, issued=NOON + 1) is None
    assert reason(line, subject="bob") is None
    assert reason({**line, "issuer": "https://one/"}) == "revoked: the subject"
    assert reason({**line, "issuer": "https://two/"}) is None


def test_a_token_that_hides_when_it_was_issued_is_refused() -> None:
    line = {"subject": "ada", "before": "2001-01-01T00:00:00Z"}
    assert reason(line) is None
    assert reason(line, issued=None) == "revoked: the subject"


def test_an_issuer_is_revoked_up_to_a_time() -> None:
    line = {"issuer": "https://one/", "before": "2026-11-25T12:00:00Z"}
    assert reason(line) == "revoked: the issuer"
    assert reason(line, issued=None) == "revoked: the issuer"
    assert reason(line, issued=NOON + 1) is None
    assert reason(line, issuer="https://two/") is None


def test_the_latest_of_several_times_counts_whatever_the_order() -> None:
    early = Revocation(subject="ada", before=NOON - 100)
    late = Revocation(subject="ada", before=NOON)
    for order in ((early, late), (late, early)):
        assert RevokedTokens(order).reason(who()) == "revoked: the subject"


def test_a_list_of_every_kind() -> None:
    data = (
        b'{"jti":"a"}\n\n  \n{"jti":"b","issuer":"https://one/","reason":"lost laptop"}\r\n'
        b'{"subject":"eve","before":"2026-11-25T13:00:00+01:00"}\n'
    )
    assert read_lines(data) == (
        Revocation(token_id="a"),
        Revocation(token_id="b", issuer="https://one/", reason="lost laptop"),
        Revocation(subject="eve", before=NOON),
    )
    assert read_lines(b"") == ()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"x", "json: "),
        (b"[]", "no JSON object"),
        (b"1", "no JSON object"),
        (b"# a comment", "json: "),
        (b'{"jti":"a"', "json: "),
        (b'{"jti":"a"}{"jti":"b"}', "json: "),
        (b'{"jti":"a","jti":"b"}', "duplicate key"),
        (b'{"jti":{"a":{"b":1}}}', "deeper"),
        (b"\xff", "not UTF-8"),
        (b"{}", "neither jti nor before"),
        (b'{"subject":"a"}', "neither jti nor before"),
        (b'{"issuer":"a"}', "neither jti nor before"),
        (b'{"before":"2026-11-25T12:00:00Z"}', "needs a subject, an issuer, or both"),
        (b'{"jti":"a","subject":"b"}', "jti stands alone"),
        (b'{"jti":"a","before":"2026-11-25T12:00:00Z"}', "jti stands alone"),
        (b'{"jti":""}', "jti is no text"),
        (b'{"jti":5}', "jti is no text"),
        (b'{"jti":null}', "jti is no text"),
        (b'{"jti":["a"]}', "jti is no text"),
        (dumps({"jti": "a" * 2049}), "jti is no text of 1 to 2048"),
        (b'{"jti":"a","sub":"b"}', "other members than before, issuer, jti, reason, subject"),
        (b'{"JTI":"a"}', "other members"),
        (b'{"jti":"a","until":"2026-11-25T12:00:00Z"}', "other members"),
    ],
)
def test_lines_that_are_not_understood(line: bytes, words: str) -> None:
    with pytest.raises(BadRevocation, match=words) as refusal:
        read_lines(b'{"jti":"good"}\n' + line)
    assert refusal.value.line == 2


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-25", "2026-11-25T12:00:00", "2026-11-25 12:00:00Z", "20261125T120000Z",
        "2026-13-25T12:00:00Z", "2026-11-31T12:00:00Z", "2026-11-25T25:00:00Z", "now", "",
        "1795608000", "2026-11-25T12:00:00+25:00", "2026-W48-3T12:00:00Z",
        "\uff12026-11-25T12:00:00Z",
        "2026-11-25T12:00:00Z\n", "0000-01-01T00:00:00Z",
    ],
)  # fmt: skip
def test_times_that_are_none(text: str) -> None:
    with pytest.raises(BadRevocation, match="before"):
        read_time(text)


@pytest.mark.parametrize(
    "text",
    ["2026-11-25T12:00:00Z", "2026-11-25t12:00:00z", "2026-11-25T12:00:00.000000000Z",
     "2026-11-25T13:00:00+01:00", "2026-11-25T06:30:00-05:30"],
)  # fmt: skip
def test_times_of_rfc_3339(text: str) -> None:
    assert read_time(text) == NOON


NAMES = st.text(min_size=1, max_size=20)
TIMES = st.integers(0, 4_000_000_000).map(float)
REVOCATIONS = st.one_of(
    st.builds(Revocation, st.none() | NAMES, NAMES, st.none(), st.none(), st.none() | NAMES),
    st.builds(Revocation, st.none() | NAMES, st.none(), NAMES, TIMES, st.none() | NAMES),
    st.builds(Revocation, NAMES, st.none(), st.none(), TIMES),
)


@given(REVOCATIONS)
def test_what_is_written_reads_as_the_same(one: Revocation) -> None:
    line = write_revocation(one)
    assert b"\n" not in line
    assert read_revocation(line) == one


@given(st.lists(REVOCATIONS, max_size=6), st.lists(REVOCATIONS, max_size=3), NAMES, NAMES, TIMES)
def test_a_longer_list_never_revokes_less(
    some: list[Revocation], more: list[Revocation], subject: str, token_id: str, issued: float
) -> None:
    one = who(subject=subject, token_id=token_id, issued=issued)
    if RevokedTokens(some).reason(one) is not None:
        assert RevokedTokens([*some, *more]).reason(one) is not None


@given(st.binary(max_size=60))
def test_any_bytes_are_a_list_or_refused_with_our_error(data: bytes) -> None:
    try:
        read_lines(data)
    except BadRevocation as error:
        assert error.line > 0  # noqa: PT017  # most bytes are refused, some are not


def test_a_long_list_is_asked_as_fast_as_a_short_one() -> None:
    long = RevokedTokens(
        [*(Revocation(token_id=f"x{at}") for at in range(100_000)),
         *(Revocation(subject=f"s{at}", before=NOON) for at in range(100_000))]
    )  # fmt: skip
    one = who()

    def best(ask: Callable[[Principal], object]) -> float:
        found = 1.0
        for _ in range(20):
            start = time.perf_counter()
            for _ in range(200):
                ask(one)
            found = min(found, (time.perf_counter() - start) / 200)
        return found

    assert best(long.reason) < 20e-6
