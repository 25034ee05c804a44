"""Secrets: the formats of providers, private keys, tokens, and assignments of what looks random.

A provider's format is nearly proof, unless the value is an example; an assignment needs a telling
name, a value of the right shape, enough entropy, and no place on the list of placeholders.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final

from gateway.scan.detector import make
from gateway.scan.entropy import entropy, is_placeholder
from gateway.scan.matcher import compile_exact

if TYPE_CHECKING:
    from gateway.scan.detector import Candidate, Check, Detector

__all__ = ["SECRETS"]

_AROUND: Final = " \t\"'`:=>"
_NOT_SECRETS: Final = ("id", "ids", "name", "type", "url", "uri", "path", "file", "hash", "count")
"""A name that ends like this names something about a secret."""
_UUID: Final = compile_exact(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_KEY_WINDOW: Final = 12_288
_TOKEN_WINDOW: Final = 8_192


def _token(found: Candidate) -> float | None:
    """A provider's token: not the middle of a longer word, not an example, not monotonous."""
    before = found.before[-1:]
    if before.isalnum() or found.after.isalnum() or found.after in ("_", "-"):
        return None
    if is_placeholder(found.value) or entropy(found.value) < 2.8:
        return None
    return 0.95


def _azure(found: Candidate) -> float | None:
    return None if is_placeholder(found.value) or entropy(found.value) < 3.5 else 0.9


def _told(word: str, score: float = 0.8) -> Check:
    """A shape that is common, so that the provider's name must stand to its left."""

    def check(found: Candidate) -> float | None:
        return score if word in found.before.lower() and _token(found) else None

    return check


def _jwt(found: Candidate) -> float | None:
    if found.before[-1:].isalnum() or not found.value.startswith("eyJ"):
        return None
    head = found.value.partition(".")[0]
    try:
        header = base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))
    except (binascii.Error, ValueError):
        return None
    return 0.9 if b'"alg"' in header or b'"typ"' in header or b'"enc"' in header else None


def _private_key(_found: Candidate) -> float:
    return 1.0


def _password(found: Candidate) -> float | None:
    """The password of a connection string."""
    value = found.value
    return None if len(value) < 3 or is_placeholder(value) else 0.85


def _assigned(found: Candidate) -> float | None:
    """The value of an assignment to a name such as ``api_key``."""
    value = found.value
    if is_placeholder(value) or found.after in ("(", "[", "{", "$", "<"):
        return None
    kinds = sum(
        (
            any(char.isdigit() for char in value),
            any(char.islower() for char in value),
            any(char.isupper() for char in value),
            any(not char.isalnum() for char in value),
        )
    )
    name = found.before.lower().rstrip(_AROUND)
    if name.endswith(_NOT_SECRETS) or _UUID.fullmatch(value.encode("utf-8", "replace")):
        return None
    digits = any(char.isdigit() for char in value)
    if any(word in name[-24:] for word in ("passw", "pwd", "passphrase")):
        return 0.75 if kinds >= 3 - digits and entropy(value) >= 2.5 else None
    if not digits or len(value) < 12:
        return None
    return 0.75 if entropy(value) >= (3.0 if kinds > 1 else 2.9) else None


def _tokens(*rows: tuple[str, str]) -> tuple[Detector, ...]:
    return tuple(make("secrets", entity, pattern, _token) for entity, pattern in rows)


_QUOTE: Final = "[\"'`]"
_NAME: Final = (
    r"(?:api[_.-]?key|apikey|access[_.-]?key|access[_.-]?token|auth[_.-]?token|bearer[_.-]?token|"
    r"client[_.-]?secret|secret[_.-]?key|app[_.-]?secret|private[_.-]?key|signing[_.-]?key|"
    r"encryption[_.-]?key|account[_.-]?key|secret|token|credential|passwd|password|passphrase|pwd)"
)

SECRETS: Final[tuple[Detector, ...]] = (
    *_tokens(
        ("AWS_ACCESS_KEY", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}"),
        ("GITHUB_TOKEN", r"gh[pousr]_[A-Za-z0-9]{36,255}"),
        ("GITHUB_TOKEN", r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
        ("GITLAB_TOKEN", r"gl(?:pat|ptt|rt|dt|cbt|oas|soat|imt|agent)-[A-Za-z0-9_-]{20,64}"),
        ("SLACK_TOKEN", r"xox[abeoprs]-(?:[0-9]{1,3}-)?[A-Za-z0-9-]{10,200}"),
        ("SLACK_TOKEN", r"xapp-\d-[A-Z0-9]{1,24}-\d{1,24}-[a-z0-9]{16,128}"),
        (
            "SLACK_WEBHOOK",
            r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{30,80}",
        ),
        ("STRIPE_KEY", r"(?:sk|rk)_(?:live|test|prod)_[A-Za-z0-9]{10,128}"),
        ("STRIPE_KEY", r"whsec_[A-Za-z0-9+/]{24,64}"),
        ("OPENAI_API_KEY", r"sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{20,250}"),
        ("OPENAI_API_KEY", r"sk-[A-Za-z0-9]{20,64}"),
        ("ANTHROPIC_API_KEY", r"sk-ant-(?:[a-z]{2,8}\d{2}-)?[A-Za-z0-9_-]{24,200}"),
        ("GOOGLE_API_KEY", r"AIza[A-Za-z0-9_-]{35}"),
        ("GOOGLE_OAUTH_SECRET", r"GOCSPX-[A-Za-z0-9_-]{28}"),
        ("GOOGLE_OAUTH_TOKEN", r"ya29\.[A-Za-z0-9_-]{30,512}"),
        ("TWILIO_KEY", r"(?:SK|AC)[0-9a-f]{32}"),
        ("SENDGRID_KEY", r"SG\.[A-Za-z0-9_-]{20,24}\.[A-Za-z0-9_-]{39,50}"),
        ("MAILGUN_KEY", r"(?:key|pubkey)-[0-9a-f]{32}"),
        ("MAILCHIMP_KEY", r"\b[0-9a-f]{32}-us\d{1,2}"),
        ("NPM_TOKEN", r"npm_[A-Za-z0-9]{36}"),
        ("PYPI_TOKEN", r"pypi-AgEI[A-Za-z0-9_-]{50,300}"),
        ("HUGGINGFACE_TOKEN", r"(?:hf|api_org)_[A-Za-z]{34}"),
        ("TELEGRAM_TOKEN", r"\d{8,10}:AA[A-Za-z0-9_-]{33}"),
        ("DIGITALOCEAN_TOKEN", r"do[opr]_v1_[0-9a-f]{64}"),
        ("DATABRICKS_TOKEN", r"dapi[0-9a-f]{32}(?:-\d)?"),
        ("DISCORD_TOKEN", r"[MNO][A-Za-z0-9_-]{23,25}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}"),
        ("DISCORD_WEBHOOK", r"discord(?:app)?\.com/api/webhooks/\d{17,20}/[A-Za-z0-9_-]{60,70}"),
        ("SHOPIFY_TOKEN", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
        ("SQUARE_TOKEN", r"(?:sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{22,43}|EAAA[A-Za-z0-9_-]{60})"),
        ("VAULT_TOKEN", r"hv[sbr]\.[A-Za-z0-9_-]{24,250}"),
        ("DOCKER_TOKEN", r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{27,36}"),
        ("GRAFANA_TOKEN", r"glsa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}"),
        ("LINEAR_KEY", r"lin_api_[A-Za-z0-9]{40}"),
        ("NOTION_TOKEN", r"(?:secret_[A-Za-z0-9]{43}|ntn_[A-Za-z0-9]{40,60})"),
        ("POSTMAN_KEY", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
        ("GROQ_API_KEY", r"gsk_[A-Za-z0-9]{48,56}"),
        ("XAI_API_KEY", r"xai-[A-Za-z0-9]{70,90}"),
        ("REPLICATE_TOKEN", r"r8_[A-Za-z0-9]{37,40}"),
        ("AGE_SECRET_KEY", r"AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}"),
    ),
    make(
        "secrets",
        "AWS_SECRET_KEY",
        r"(?:secret|aws)[A-Za-z_ .-]{0,24}[\"'` ]{0,2}(?:=>|[=:]|"
        r"\bis\b)[\"'` ]{0,3}([A-Za-z0-9+/]{40})",
        _azure,
        group=1,
        ignore_case=True,
    ),
    make(
        "secrets",
        "AZURE_STORAGE_KEY",
        r"AccountKey=([A-Za-z0-9+/]{60,90}={0,2})",
        _azure,
        group=1,
    ),
    make("secrets", "AZURE_CLIENT_SECRET", r"[A-Za-z0-9_~.-]{3}8Q~[A-Za-z0-9_~.-]{31,34}", _token),
    make(
        "secrets",
        "AZURE_SAS_TOKEN",
        r"[?&]sig=([A-Za-z0-9%/+]{40,80}={0,2})",
        _azure,
        group=1,
    ),
    make("secrets", "TWILIO_KEY", r"\b[0-9a-f]{32}\b", _told("twilio"), rule="twilio-auth"),
    make(
        "secrets",
        "JWT",
        r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]{0,}){1,3}",
        _jwt,
        window=_TOKEN_WINDOW,
    ),
    make(
        "secrets",
        "PRIVATE_KEY",
        r"-----BEGIN (?:[A-Z0-9]{2,12} ){0,2}PRIVATE KEY(?: BLOCK)?-----[\s\\nr\"',+]{0,16}"
        r"(?:(?:Proc-Type|DEK-Info|Version|Comment):[^\n\\]{0,80}[\s\\nr]{1,8}){0,4}"
        r"[A-Za-z0-9+/=]{16,}(?:[\s\\\"',+]{1,16}[A-Za-z0-9+/=]{1,}){0,}[\s\\nr\"',+]{0,16}"
        r"(?:-----END [A-Z0-9 ]{0,24}PRIVATE KEY(?: BLOCK)?-----)?",
        _private_key,
        window=_KEY_WINDOW,
    ),
    make(
        "secrets",
        "CONNECTION_STRING",
        r"[A-Za-z][A-Za-z0-9+.-]{1,24}://[^\s:/@\"'<>]{0,64}:([^\s:/@\"'<>]{3,128})@[A-Za-z0-9\[]",
        _password,
        group=1,
    ),
    make(
        "secrets",
        "CONNECTION_STRING",
        r"(?:password|pwd)=([^\s;\"'<>]{3,128});",
        _password,
        group=1,
        ignore_case=True,
        rule="connection-pairs",
    ),
    make(
        "secrets",
        "GENERIC_SECRET",
        r"authorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?:bearer|basic|token|api-?token|api-?key)\s{1,3}"
        r"([A-Za-z0-9._~+/=-]{16,512})",
        _assigned,
        group=1,
        ignore_case=True,
        rule="authorization-header",
    ),
    make(
        "secrets",
        "GENERIC_SECRET",
        rf"{_NAME}[A-Za-z0-9_.-]{{0,16}}{_QUOTE}?\s{{0,3}}(?::=|=>|[=:]{{1,3}}|"
        rf"\bis\b)\s{{0,3}}{_QUOTE}?"
        r"([^\s\"'`,;<>(){}\[\]&]{8,160})",
        _assigned,
        group=1,
        ignore_case=True,
    ),
)
