"""Secrets without a format: what is assigned to a telling name, sent as a header, put into a URL.

The name says that a secret follows; the value must look like one. It is none if it is a variable, a
path, an identifier, a digest or an example.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any, Final

from gateway.scan.detector import make
from gateway.scan.entropy import entropy, is_example, is_placeholder
from gateway.scan.matcher import compile_exact
from gateway.scan.zones import Around, Zones

if TYPE_CHECKING:
    from gateway.scan.detector import Candidate, Detector

__all__ = [
    "ASSIGNED",
    "NAME",
    "SOME",
    "assigned",
    "is_pair",
    "is_variable",
    "looks_like_a_password",
    "looks_random",
    "user",
]

_AROUND: Final = " \t\"'`:=>,"
_NOT_SECRETS: Final = (
    *("id", "ids", "name", "names", "type", "url", "uri", "path", "file", "hash", "count", "arn"),
    *(
        "version",
        "length",
        "size",
        "ttl",
        "expiry",
        "expires",
        "field",
        "label",
        "prefix",
        "format",
    ),
    *("algorithm", "policy", "hint", "digest", "checksum", "fingerprint", "value_from"),
)
"""A name that ends like this names something about a secret."""
_PUBLIC: Final = (
    *("csrf", "xsrf", "public", "pubkey", "nonce", "nexttoken", "next_token", "next-token", "page"),
    *("integrity", "cache", "cursor"),
)
"""A name with this in it names what everybody may see."""
_PASSWORDS: Final = (
    *("passw", "pass-w", "pass_w", "pwd", "phrase", "kennwort", "contrase", "mot de passe"),
    *("senha", "unlock"),
)
_VARIABLE_AFTER: Final = ("(", "[", "{", "$", "<")
# Values have at most 512 characters, and this matches in one way only.
_UUID: Final = re.compile(r"[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}", re.IGNORECASE)
# This may match in more ways than an engine can try one after the other.
_PLAIN: Final[Any] = compile_exact(
    # Numbers, dates, versions; identifiers of words, names of hosts.
    r"[\p{Nd}.,:/+-]+|[A-Za-z]+\p{Nd}{0,4}(?:[._:/-]+[A-Za-z]*\p{Nd}{0,4})+"
    # Names that end with a number.
    r"|[A-Za-z]+\p{Nd}?(?:[._-]+[\p{L}\p{N}_]{1,12}){0,4}[._-]\p{Nd}{1,12}"
    r"|(?:[A-Z][a-z]+\p{Nd}{0,5}){1,2}(?:[A-Z][a-z]{2,})+"  # names of classes
    r"|(?:sha\p{Nd}{1,3}|md5|arn|urn|data|https?|file|s3|gs|projects|secrets?|vault|op)[:=/-].*"
    r"|[~.]{0,2}/.*|[A-Za-z]:\\.*"  # paths
    r"|.*\.(?:pem|cer|crt|key|p12|pfx|jks|json|ya?ml|xml|txt|py|js|ts|go|java|html?|conf|env|so)"
    r"|.*(?:::|->|\|\||&&|==[^=]|\.\.).*"  # code
    r"|%[A-Za-z_(%].*|@.*|\\.*|!.*|\*.*"
)
_LEAST: Final = 3.0
_SHORTEST: Final = 12
_WIDEST: Final = 640
"""Most characters of a name, a value and what stands between them."""


def is_variable(found: Candidate) -> bool:
    """Whether the value names what holds one: a variable, a call, a path, an identifier."""
    element = found.after == "<" and found.before.endswith(">")
    called = found.after in _VARIABLE_AFTER and not element
    return called or _PLAIN.fullmatch(found.value.encode("utf-8", "replace")) is not None


def _kinds(value: str) -> int:
    chars = set(value)
    return sum(
        (
            any(char.isdigit() for char in chars),
            any(char.islower() for char in chars),
            any(char.isupper() for char in chars),
            any(not char.isalnum() for char in chars),
        )
    )


def _has_digit(value: str) -> bool:
    return any(char.isdigit() for char in set(value))


def looks_like_a_password(value: str) -> bool:
    """Whether people choose such a value as a password, and write no such word."""
    core = value.rstrip(".!?:")
    return _kinds(core) >= 3 - _has_digit(core) and entropy(value) >= 2.5 and not is_example(value)


def looks_random(value: str) -> bool:
    """Whether nobody writes such a value as a word, a name or an example."""
    if len(value) < _SHORTEST or not _has_digit(value):
        return False
    return entropy(value) >= _LEAST and not is_placeholder(value)


def _url_password(found: Candidate) -> float | None:
    """The password of a connection string."""
    value = found.value
    if is_example(value) or (value.isdigit() and len(value) < 6):
        return None
    return 0.85


def assigned(found: Candidate) -> float | None:
    """The value of an assignment to a name such as ``api_key``."""
    name = found.before.lower().rstrip(_AROUND)
    name = name.removesuffix(" is").removesuffix(" value").rstrip(_AROUND)[-32:]
    if name.endswith(_NOT_SECRETS) or any(word in name for word in _PUBLIC):
        return None
    value = found.value
    if any(word in name for word in _PASSWORDS):
        if not looks_like_a_password(value):
            return None
        variable = is_variable(found) and ("/" in value or not _is_quoted(found))
        return None if variable else 0.75
    if _UUID.fullmatch(value):
        return 0.6 if "x-" in name else None
    return 0.75 if looks_random(value) and not is_variable(found) else None


def _is_quoted(found: Candidate) -> bool:
    quote = found.before[-1:]
    return quote in ("'", '"', "`") and found.after == quote and "$" not in found.value


def _key(found: Candidate) -> float | None:
    """The value of what is only called a key: many things are that are no secrets."""
    value = found.value
    plain = value.replace("-", "").replace("_", "").rstrip("=")
    if _kinds(plain) < 3 or len(value) - len(plain) > 4 or entropy(value) < 3.8:
        return None
    return assigned(found)


_WITHIN: Final = re.compile(
    # In a name of several words each begins with a capital.
    r"[A-Za-z](?:pass|passcode|psk|pw)\Z|[A-Z](?i:pass|passcode|psk|pw)\Z"
)
"""What ends like ``pass`` and is not called that."""


def _pass(found: Candidate) -> float | None:
    """The value of what is called ``pass`` alone, or after a sign: no bypass and no compass."""
    name = found.before.rstrip(_AROUND)
    if _WITHIN.search(name) or (is_variable(found) and not _is_quoted(found)):
        return None
    return 0.7 if looks_like_a_password(found.value) and "/" not in found.value else None


def _header(found: Candidate) -> float | None:
    """What follows ``Authorization:``."""
    value = found.value.rstrip(".")
    scheme = found.before.lower().rstrip().rpartition(" ")[2].strip("\"':=")
    if found.after in _VARIABLE_AFTER or is_placeholder(value):
        return None
    if scheme.endswith("basic"):
        return 0.9 if is_pair(value) else None
    if _UUID.fullmatch(value):
        return 0.8
    odd = _has_digit(value) or _kinds(value) >= 3
    return 0.8 if odd and len(value) >= 12 and entropy(value) >= _LEAST else None


def is_pair(value: str) -> bool:
    """Whether base64 holds a name and a password that are no examples."""
    try:
        name, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return False
    return bool(colon) and name.isprintable() and not (password and is_example(password))


def _basic(found: Candidate) -> float | None:
    return 0.9 if is_pair(found.value) else None


def user(found: Candidate) -> float | None:
    """``name:password`` of a command line; a key may be the name, and the password empty."""
    name, _, password = found.value.partition(":")
    if name.startswith("$") or found.after in _VARIABLE_AFTER:
        return None
    if not password:
        return 0.7 if _kinds(name) >= 3 and entropy(name) >= _LEAST else None
    if name.isdigit() and password.isdigit():
        return None
    return 0.8 if _kinds(password) >= 2 and not is_example(password) else None


def _hash(found: Candidate) -> float | None:
    before = found.before[-1:]
    if not (before.isspace() or before in (":", "=", '"', "'")):
        return None
    return None if is_placeholder(found.value[6:]) else 0.7


def _access_key(found: Candidate) -> float | None:
    value = found.value
    if is_placeholder(value) or entropy(value) < 3.5 or value.isalpha():
        return None
    return None if found.after.isalnum() or found.after in ("+", "/") else 0.9


def _netrc(found: Candidate) -> float | None:
    return 0.8 if looks_like_a_password(found.value) else None


_QUOTE: Final = "[\"'`]"
NAME: Final = (
    r"(?:api[ _.-]?key|access[ _.-]?key|access[ _.-]?token|auth[_.-]?token|bearer[_.-]?token|"
    r"client[_.-]?secret|secret[ _.-]?key|app[_.-]?secret|private[_.-]?key|signing[_.-]?key|"
    r"encryption[_.-]?key|account[_.-]?key|master[_.-]?key|auth[_.-]?(?:key|salt)|secret|token|"
    r"(?:priv|enc|aes|hmac|crypto|cipher|jwt|session|cookie|integration|subscription|deploy|"
    r"webhook|shared|licen[cs]e|service[_.-]?account|wep)[_.-]?key|(?:totp|otp|2fa|mfa)[_.-]?seed|"
    r"redis[_.-]?auth|(?:access|unlock)[_ .-]?code|creds?|credentials?|passwd|pass[_-]?word|"
    r"pass[_-]?phrase|pwd|passwort|kennwort|contraseña|contrasena|mot de passe|senha)"
)
_IS: Final = r"(?::=|=>|[=:]{1,3}|\b(?:is|was|ist|lautet|est|es)\b(?: {0,1}:)?|>)"
_OR: Final = rf"{_QUOTE}(?:, {{0,12}}|\s{{1,3}}value={{1}}){_QUOTE}"
_FLAG: Final = r"\s{1,2}"
SOME: Final = Zones(
    Around(rf"[0-9A-Z]|[^\x00-\x7f]|{_UUID.pattern}", before=_WIDEST),
)
"""Where a value may follow that looks random or like a password: not without any such character."""
_VALUE: Final = r"([^\s\"'`,;<>(){}\[\]&]{6,512})"

ASSIGNED: Final[tuple[Detector, ...]] = (
    make(
        "secrets",
        "CONNECTION_STRING",
        r"[A-Za-z0-9]://[^\s:/@\"'<>]{0,64}:([^\s:/@\"'<>]{3,128})@[A-Za-z0-9\[]",
        _url_password,
        group=1,
    ),
    make(
        "secrets",
        "CONNECTION_STRING",
        r"(?:password|pwd)=([^\s;\"'<>]{3,128});",
        _url_password,
        group=1,
        ignore_case=True,
        rule="connection-pairs",
    ),
    make(
        "secrets",
        "CONNECTION_STRING",
        r"[;?&](?:password|pwd|sslpassword|_password|_auth)=([^\s;&\"'<>]{3,128})",
        _url_password,
        group=1,
        ignore_case=True,
        rule="connection-parameter",
    ),
    make(
        "secrets",
        "AZURE_SHARED_ACCESS_KEY",
        r"SharedAccess(?:Key|Signature)=([A-Za-z0-9+/%]{32,120}={0,2})",
        _access_key,
        group=1,
    ),
    make("secrets", "AZURE_STORAGE_KEY", r"AccountKey=([A-Za-z0-9+/]{60,90}={0,2})", _access_key,
         group=1),
    make("secrets", "AZURE_SAS_TOKEN", r"[?&]sig=([A-Za-z0-9%/+]{40,80}={0,2})", _access_key,
         group=1),
    make(
        "secrets",
        "AWS_SECRET_KEY",
        r"(?:secret|aws)[A-Za-z_ .-]{0,24}[\"'` ]{0,2}(?:=>|[=:]|\bis\b)[\"'` ]{0,3}"
        r"([A-Za-z0-9+/]{40})",
        _access_key,
        group=1,
        ignore_case=True,
    ),
    make(
        "secrets",
        "GENERIC_SECRET",
        r"authorization[\"']?\s{0,3}[:=,]\s{0,3}(?:[\"']?value[\"']?\s{0,2}[:=]\s{0,2})?"
        r"(?:[@bfr]{1,2})?[\"']?"
        r"(?:(?:bearer|basic|token|api-?token|api-?key|key|ssws|genie-?key)\s{1,3})?"
        r"([A-Za-z0-9._~+/=@-]{8,512})",
        _header,
        group=1,
        ignore_case=True,
        rule="authorization-header",
    ),
    make(
        "secrets",
        "GENERIC_SECRET",
        rf"{NAME}[A-Za-z0-9_.-]{{0,16}}(?:{_QUOTE}?\s{{0,3}}{_IS}\s{{0,3}}{_QUOTE}?|{_OR})"
        rf"{_VALUE}",
        assigned,
        group=1,
        ignore_case=True,
        zones=SOME,
    ),
    make(
        "secrets",
        "GENERIC_SECRET",
        rf"key{_QUOTE}?\s{{0,3}}(?::=|=>|[=:])\s{{0,3}}{_QUOTE}?(?:base64:)?"
        r"([A-Za-z0-9+/=_-]{20,128})",
        _key,
        group=1,
        ignore_case=True,
        rule="key",
        zones=SOME,
    ),
    make(
        "secrets",
        "GENERIC_SECRET",
        rf"(?:pass(?:code)?|psk|pw){_QUOTE}?\s{{0,3}}(?::=|=>|[=:])\s{{0,3}}{_QUOTE}?{_VALUE}",
        _pass,
        group=1,
        ignore_case=True,
        rule="pass",
        zones=SOME,
    ),
    make(
        "secrets",
        "GENERIC_SECRET",
        rf"--[a-z0-9-]{{0,24}}{NAME}{_FLAG}{_QUOTE}?{_VALUE}",
        assigned,
        group=1,
        ignore_case=True,
        rule="command-line-option",
        zones=SOME,
    ),
    make(
        "secrets",
        "BASIC_AUTH",
        rf"(?:-u|--user|--proxy-user)[ =]{{1,3}}{_QUOTE}?"
        r"([^\s\"'`:$<>{}\[]{1,64}:[^\s\"'`<>{}\[\]]{0,128})",
        user,
        group=1,
    ),
    make(
        "secrets",
        "BASIC_AUTH",
        r"\bauth\"\s{0,3}:\s{0,3}\"([A-Za-z0-9+/]{8,256}={0,2})\"",
        _basic,
        group=1,
        rule="docker-config",
    ),
    make(
        "secrets",
        "BASIC_AUTH",
        r"\blogin\s{1,3}\S{1,64}\s{1,3}password\s{1,3}(\S{3,128})",
        _netrc,
        group=1,
        rule="netrc",
    ),
    make(
        "secrets",
        "NPM_TOKEN",
        r"//[A-Za-z0-9.-]{3,64}/[A-Za-z0-9./-]{0,64}:_(?:authToken|password|auth)=\s{0,2}"
        r"([A-Za-z0-9+/=_-]{8,128})",
        _url_password,
        group=1,
        rule="npmrc",
    ),
    make(
        "secrets",
        "CONNECTION_STRING",
        r":(?:5432|5433|6432|\*):[A-Za-z0-9_*-]{1,48}:[A-Za-z0-9_*-]{1,48}:"
        r"([^\s:\"']{4,128})",
        _url_password,
        group=1,
        rule="pgpass",
    ),
    make(
        "secrets",
        "PASSWORD_HASH",
        # No rule begins with a blank or a quotation mark, so that words between them stay silent.
        r"\$(?:apr1|1|2[aby]|5|6|y|gy|7)\$[A-Za-z0-9./$=,+]{20,160}",
        _hash,
    ),
)  # fmt: skip
"""What is a secret because of the name that it is given."""
