"""Private keys in every wrapping, and JSON Web Tokens."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any, Final

from gateway.scan.detector import make
from gateway.scan.entropy import entropy, is_placeholder

if TYPE_CHECKING:
    from gateway.scan.detector import Candidate, Detector

__all__ = ["KEYS"]

_KEY_WINDOW: Final = 12_288
_TOKEN_WINDOW: Final = 8_192
_SIGNED: Final = 2
"""Parts of a JSON Web Token whose second one is its claims: three, or two without a signature."""
_ENCRYPTED: Final = 5
_MEMBERS: Final = ("d", "p", "q", "dp", "dq", "qi", "k")
"""What RFC 7518 calls the private numbers of a key."""


def _certain(_found: Candidate) -> float:
    return 1.0


def _random(found: Candidate) -> float | None:
    value = found.value
    return None if entropy(value) < 4.0 or is_placeholder(value) else 0.9


def _member(found: Candidate) -> float | None:
    """A member of a JSON Web Key (RFC 7518); short ones are private only in a symmetric key."""
    name = found.before.rstrip("\"' :\t\r\n").rpartition('"')[2]
    if name not in _MEMBERS or (name == "k" and '"oct"' not in found.before):
        return None
    return _random(found)


def _jwt(found: Candidate) -> float | None:
    """A token whose parts are what RFC 7519 says, not only in shape."""
    if found.before[-1:].isalnum():
        return None
    head, *rest = found.value.split(".")
    header = _decoded(head)
    if not isinstance(header, dict) or not {"alg", "typ", "enc"} & header.keys():
        return None
    if len(rest) + 1 != _ENCRYPTED and not rest[0].startswith("eyJ"):
        return None
    # Two parts may be a token whose rest is still to come, or one that nobody signed.
    return 0.9 if len(rest) >= _SIGNED or isinstance(_decoded(rest[0]), dict) else None


def _decoded(part: str) -> Any:
    try:
        return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None


def _service_account(found: Candidate) -> float | None:
    """1Password's service accounts: a document in base64."""
    return None if found.before[-1:].isalnum() or entropy(found.value) < 4.0 else 0.95


_GAP: Final = r"[\s\\nr\"',+]"
_LINE: Final = r"(?:[\s\\nr\"',+>#*|/:\d]{0,16}|(?:</?[a-z:]{1,16}>\s{0,4}){1,8})"
"""What may stand between two lines: also what quotes, comments, numbers or marks up each."""
KEYS: Final[tuple[Detector, ...]] = (
    make(
        "secrets",
        "JWT",
        r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]{0,}){0,3}",
        _jwt,
        window=_TOKEN_WINDOW,
    ),
    make(
        "secrets",
        "ONEPASSWORD_KEY",
        r"\bops_eyJ[A-Za-z0-9+/_-]{200,}={0,3}",
        _service_account,
        window=_TOKEN_WINDOW,
        rule="onepassword-service-account",
    ),
    make(
        "secrets",
        "PRIVATE_KEY",
        rf"-----BEGIN (?:[A-Z0-9]{{2,12}} ){{0,3}}PRIVATE KEY(?: BLOCK)?-----{_LINE}"
        r"(?:(?:Proc-Type|DEK-Info|Version|Comment|Subject|Hash|Charset):[^\n\\]{0,80}"
        r"[\s\\nr]{1,8}){0,4}"
        rf"[A-Za-z0-9+/=]{{16,}}(?:[\s\\\"',+>#*|:<]{{1,16}}[A-Za-z0-9+/=]{{1,}}){{0,}}{_LINE}"
        r"(?:-----END [A-Z0-9 ]{0,36}PRIVATE KEY(?: BLOCK)?-----)?",
        _certain,
        window=_KEY_WINDOW,
    ),
    make(
        "secrets",
        "PRIVATE_KEY",
        r"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\s{1,4}(?:Comment:[^\n]{0,80}\s{1,4}){0,2}"
        r"[A-Za-z0-9+/=]{16,}(?:\s{1,4}[A-Za-z0-9+/=]{1,}){0,}",
        _certain,
        window=_KEY_WINDOW,
        rule="ssh2-private-key",
    ),
    make(
        "secrets",
        "PRIVATE_KEY",
        rf"Private-Lines: \d{{1,4}}{_GAP}{{1,8}}[A-Za-z0-9+/=]{{16,}}"
        r"(?:[\s\\nr]{1,4}[A-Za-z0-9+/=]{16,}){0,}",
        _certain,
        window=_KEY_WINDOW,
        rule="putty-private-key",
    ),
    make(
        "secrets",
        "PRIVATE_KEY",
        r"\bPrivateKey\s{0,3}=\s{0,3}([A-Za-z0-9+/]{43}=)",
        _random,
        group=1,
        rule="wireguard-private-key",
    ),
    make(
        "secrets",
        "PRIVATE_KEY",
        # Not from the first quotation mark on, with which every quoted word would begin a match.
        rf"\b(?:{'|'.join(_MEMBERS)})\"\s{{0,3}}:\s{{0,3}}\"([A-Za-z0-9_-]{{40,1000}})\"",
        _member,
        group=1,
        window=_TOKEN_WINDOW,
        rule="json-web-key",
    ),
)
"""What is a key as a whole, whoever issued it."""
