"""Secrets: the formats of providers, private keys, tokens, and assignments of what looks random.

A provider's format is nearly proof, unless the value is an example; an assignment needs a telling
name, a value of the right shape, enough entropy, and no place on the list of placeholders.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.scan.detector import make
from gateway.scan.entropy import entropy, is_placeholder
from gateway.scan.secrets_assigned import ASSIGNED
from gateway.scan.secrets_code import CODE
from gateway.scan.secrets_commands import COMMANDS
from gateway.scan.secrets_formats import MARKED
from gateway.scan.secrets_keys import KEYS
from gateway.scan.secrets_named import NAMED
from gateway.scan.secrets_spoken import SPOKEN

if TYPE_CHECKING:
    from gateway.scan.detector import Candidate, Detector

__all__ = ["SECRETS"]


def _token(found: Candidate) -> float | None:
    """A provider's token: not the middle of a longer word, not an example, not monotonous."""
    before = found.before[-1:]
    if before.isalnum() or found.after.isalnum() or found.after in ("_", "-"):
        return None
    if is_placeholder(found.value) or entropy(found.value) < 2.8:
        return None
    return 0.95


def _telegram(found: Candidate) -> float | None:
    """A bot's token; in a URL it stands right behind ``bot``."""
    if found.before.endswith("/bot"):
        found = found._replace(before="/")
    return _token(found)


def _vault(found: Candidate) -> float | None:
    """A token of Vault before 1.10, which looks like a method of ``s`` unless it is random."""
    value = found.value[2:]
    mixed = not value.islower() and any(char.isdigit() for char in value)
    return _token(found) if mixed and entropy(value) >= 3.5 else None


def _sidekiq(_found: Candidate) -> float:
    return 0.95


def _tokens(*rows: tuple[str, str]) -> tuple[Detector, ...]:
    return tuple(
        make("secrets", entity, pattern, _token, rule=f"{entity}-{number}")
        for number, (entity, pattern) in enumerate(rows)
    )


SECRETS: Final[tuple[Detector, ...]] = (
    MARKED,
    *NAMED,
    *_tokens(
        ("TWILIO_KEY", r"\b(?:SK|AC)[0-9a-f]{32}"),
        ("MAILCHIMP_KEY", r"\b[0-9a-f]{32}-us\d{1,2}"),
        ("DISCORD_TOKEN", r"[MNO][A-Za-z0-9_-]{23,25}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}"),
        ("AZURE_CLIENT_SECRET", r"[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}"),
        ("AZURE_DEVOPS_TOKEN", r"[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}"),
        ("TERRAFORM_TOKEN", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70}"),
        ("MAXMIND_KEY", r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk"),
        ("FACEBOOK_TOKEN", r"\b\d{15,16}(?:\||%7C)[A-Za-z0-9_-]{27,40}"),
        ("ASANA_TOKEN", r"\b[012]/\d{14,19}(?:/\d{14,19})?[:/][0-9a-f]{32}"),
        ("NEWRELIC_KEY", r"\b(?:[0-9a-f]{36}|(?:eu|gov|us|jp)\d\dxx[0-9a-f]{30})NRAL"),
        ("MAILGUN_KEY", r"\b[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}"),
        (
            "BITWARDEN_TOKEN",
            r"\b0\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[A-Za-z0-9]{30}:[A-Za-z0-9+/]{22}==",
        ),
        ("RANCHER_TOKEN", r"\btoken-[a-z0-9]{5}:[a-z0-9]{54}"),
        ("SALESFORCE_TOKEN", r"\b00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{80,120}"),
        ("BRAINTREE_TOKEN", r"\baccess_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}"),
    ),
    make("secrets", "TELEGRAM_TOKEN", r"\d{8,10}:AA[A-Za-z0-9_-]{33}", _telegram),
    make("secrets", "VAULT_TOKEN", r"\bs\.[A-Za-z0-9]{24}", _vault),
    make(
        "secrets",
        "SIDEKIQ_SECRET",
        r"://([0-9a-f]{8}:[0-9a-f]{8})@(?:gems|enterprise)\.contribsys\.com",
        _sidekiq,
        group=1,
    ),
    make(
        "secrets",
        "SIDEKIQ_SECRET",
        r"(?:gems|enterprise)__contribsys__com[\"'`]?\s{0,3}[:=]\s{0,3}[\"'`]?"
        r"([0-9a-f]{8}:[0-9a-f]{8})",
        _sidekiq,
        group=1,
        ignore_case=True,
        rule="sidekiq-variable",
    ),
    *KEYS,
    *ASSIGNED,
    *CODE,
    *COMMANDS,
    *SPOKEN,
)
"""What finds secrets. Each detector reads a text once; the two that come first know a table."""
