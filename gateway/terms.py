"""The words that every room shares: actions, provenance, principals and scanner settings.

The rooms ``wire``, ``policy``, ``scan`` and ``audit`` know nothing of each other; what passes
between them through the pipeline is made of these.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping


class Action(IntEnum):
    """What happens to a text with a finding in it; the greater of two is the stronger."""

    ALLOW = 0
    FLAG = 1
    TOKENISE = 2
    REDACT = 3
    BLOCK = 4

    @property
    def word(self) -> str:
        """The name that policies, headers and audit records use."""
        return self.name.lower()


Provenance = Literal[
    "system", "user", "assistant", "tool", "tool_definition", "document", "unknown", "answer"
]
"""Who wrote a text. ``answer`` is the model's text of this very call; ``assistant`` is what the
client claims an earlier answer was; ``tool`` is a tool's result; ``unknown`` is a text in a place
that the format does not know."""

PROVENANCES: Final[tuple[Provenance, ...]] = get_args(Provenance)

ScannerKind = Literal["injection", "pii", "secrets", "pattern"]
SCANNER_KINDS: Final[tuple[ScannerKind, ...]] = get_args(ScannerKind)


@dataclass(frozen=True, slots=True)
class EntityRule:
    """What a scanner does with one entity, from which score (0 to 1) on."""

    action: Action
    min_score: float = 0.5


@dataclass(frozen=True, slots=True)
class ScannerSpec:
    """The settings of one scanner of the policy.

    Attributes:
        name: The policy's name of it, as findings and audit records give it.
        kind: Which detectors it runs.
        on: The provenances it reads.
        entities: Per entity what to do. For ``pii`` only the entities named here are looked for;
            for ``secrets`` they override ``action``; ``pattern`` and ``injection`` leave it empty.
        action: What a finding does when its entity has no rule of its own. Injection findings
            act by score instead: ``FLAG`` from ``flag_at``, ``BLOCK`` from ``block_at``.
        flag_at: Score from which an injection is flagged.
        block_at: Score from which an injection is blocked.
        patterns: Entity name to regular expression, for ``pattern``.
    """

    name: str
    kind: ScannerKind
    on: frozenset[Provenance]
    entities: Mapping[str, EntityRule] = field(default_factory=lambda: MappingProxyType({}))
    action: Action = Action.FLAG
    flag_at: float = 0.6
    block_at: float = 0.9
    patterns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls, as the verified token says.

    Attributes:
        subject: The token's subject claim.
        issuer: The token's ``iss``.
        roles: The strings at the issuer's configured roles claim; the policy gives them meaning.
        tenant: The string at the issuer's configured tenant claim, if any.
        claims: Every claim of the token.
        key: Full SHA-256 of the token: a key for caches, never shown.
        expires: Unix time in seconds after which the token no longer holds.
    """

    subject: str
    issuer: str
    roles: tuple[str, ...]
    tenant: str | None
    claims: Mapping[str, Any] = field(repr=False)
    key: bytes = field(repr=False)
    expires: float
