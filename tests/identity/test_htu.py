from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.htu import PublicUrls

URLS = PublicUrls(
    ["https://llm.example.com", "http://[::1]:8080/base/", "https://b.test:8443/a%2Bb"]
)
CHAT = b"/v1/chat/completions"


@pytest.mark.parametrize(
    ("htu", "path"),
    [
        ("https://llm.example.com/v1/chat/completions", CHAT),
        ("HTTPS://LLM.Example.COM/v1/chat/completions", CHAT),
        ("https://llm.example.com:443/v1/chat/completions", CHAT),
        ("https://llm.example.com:/v1/chat/completions", CHAT),
        ("https://llm.example.com/v1/chat/completions?a=b", CHAT),
        ("https://llm.example.com/v1/chat/completions#top", CHAT),
        ("http://[::1]:8080/base/v1/chat/completions", CHAT),
        ("https://b.test:8443/a%2bb/v1/models", b"/v1/models"),
        ("https://llm.example.com", b"/"),
        ("https://llm.example.com/a%3Ab", b"/a%3ab"),
    ],
)
def test_the_address_of_a_request(htu: str, path: bytes) -> None:
    """RFC 9449 §4.3: normalised by RFC 3986 §6.2, query and fragment ignored."""
    assert URLS.match(htu, path)


@pytest.mark.parametrize(
    "htu",
    [
        None, 5, True, [], {}, ["https://llm.example.com/v1/chat/completions"], "",
        "/v1/chat/completions",
        "//llm.example.com/v1/chat/completions",
        "http://llm.example.com/v1/chat/completions",
        "ftp://llm.example.com/v1/chat/completions",
        "https://llm.example.com:444/v1/chat/completions",
        "https://llm.example.com:80/v1/chat/completions",
        "https://llm.example.com:0x1bb/v1/chat/completions",
        "https://llm.example.com:99999/v1/chat/completions",
        "https://llm.example.com.evil.test/v1/chat/completions",
        "https://evil.test/llm.example.com/v1/chat/completions",
        "https://llm.example.com@evil.test/v1/chat/completions",
        "https://evil@llm.example.com/v1/chat/completions",
        "https://llm.example.com\\@evil.test/v1/chat/completions",
        "https://llm.example.com/v1/chat/completions/",
        "https://llm.example.com/v1/chat/Completions",
        "https://llm.example.com/v1/chat",
        "https://llm.example.com/v1//chat/completions",
        "https://llm.example.com/v1/x/../chat/completions",
        "https://llm.example.com/v1/./chat/completions",
        "https://llm.example.com/v1/%63hat/completions",
        "https://llm.example.com/v1%2fchat/completions",
        "https://llm.example.com/base/v1/chat/completions",
        "https://llm.example.com /v1/chat/completions",
        " https://llm.example.com/v1/chat/completions",
        "https://llm.example.com/v1/chat/completions\n",
        "https://llm.example.com/v1/chat/comple\ttions",
        "https://llm.example.com/v1/chat/completions\0",
        "https://llm.\u0435xample.com/v1/chat/completions",
        "https://[llm.example.com/v1/chat/completions",
        "https://llm.example.com/v1/chat/completions?" + "a" * 5000,
    ],
)  # fmt: skip
def test_another_address(htu: object) -> None:
    assert not URLS.match(htu, CHAT)


def test_a_base_path_belongs_to_its_own_url() -> None:
    assert not URLS.match("http://[::1]:8080/v1/models", b"/v1/models")
    assert not URLS.match("http://[::1]:8080/base", b"/")
    assert URLS.match("http://[::1]:8080/base/", b"/")


def test_without_urls_nothing_matches() -> None:
    assert not PublicUrls([])
    assert URLS
    assert not PublicUrls([]).match("https://llm.example.com/", b"/")


def test_a_letter_that_only_looks_the_same_in_lower_case() -> None:
    """The Kelvin sign becomes a k, and DNS knows only one of the two."""
    urls = PublicUrls(["https://k.test"])
    assert urls.match("https://K.test/", b"/")
    assert not urls.match("https://\N{KELVIN SIGN}.test/", b"/")


def test_a_base_that_no_client_can_call() -> None:
    for wrong in ("ftp://a.test", "https://a@b.test", "llm.example.com", "https://", "https://a b"):
        with pytest.raises(ValueError, match="is no URL"):
            PublicUrls([wrong])


@given(st.text() | st.text("htps:/[]@%.0aA\\?# ").map(lambda text: "https://" + text))
def test_any_text_is_compared_without_an_error(text: str) -> None:
    assert not URLS.match(text, b"/v1/never/" + b"x" * 30)
