"""The words that every room shares: actions, provenance, principals and scanner settings.

The rooms ``wire``, ``policy``, ``scan`` and ``audit`` know nothing of each other; what passes
between them through the pipeline is made of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final, Literal, get_args


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
        return _ACTION_WORDS[self]


_ACTION_WORDS: Final = tuple(action.name.lower() for action in Action)


Readable = Literal[
    "system", "user", "assistant", "tool", "tool_definition", "document", "unknown", "answer"
]
"""Who wrote a text. ``answer`` is the model's text of this very call; ``assistant`` is what the
client claims an earlier answer was; ``tool`` is a tool's result; ``unknown`` is a text in a place
that the format does not know."""

Provenance = Readable | Literal["call", "argument", "echo"]
"""The same, and in answers the name of a tool that is called, and a text of its arguments, which
are read by all that reads answers; ``echo`` is what an answer repeats of its request, which no
scanner reads again."""

PROVENANCES: Final[tuple[Readable, ...]] = get_args(Readable)
"""Those that scanners can be told to read."""

ANSWERS: Final[tuple[Provenance, ...]] = ("answer", "call", "argument")
"""What a model writes; whatever reads its answers reads the calls in them, too."""

ScannerKind = Literal["injection", "pii", "secrets", "pattern"]
SCANNER_KINDS: Final[tuple[ScannerKind, ...]] = get_args(ScannerKind)

GuardKind = Literal["calls", "links", "copies"]
"""What reads answers for a rule that restricts them: the names of the tools that an answer calls,
where its links lead, and what the arguments of its calls copy."""

GUARDS: Final[tuple[GuardKind, ...]] = get_args(GuardKind)


PROMPT_INJECTION: Final = "PROMPT_INJECTION"
"""What a model calls an injection that it finds; it knows no families."""

FORMATTED: Final = frozenset({"EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD"})
"""Entities whose stand-ins can keep the format of what they stand for."""


REGIONS: Final = (
    "US", "CA", "GB", "DE", "FR", "ES", "IT", "PL", "FI", "IN", "SG", "KR", "AU", "BR", "IL",
)  # fmt: skip
"""Whose telephone numbers are known without a country code, if a policy does not say."""


@dataclass(frozen=True, slots=True)
class EntityRule:
    """What a scanner does with one entity, from which score (0 to 1) on.

    ``keep_format``: whether what stands for a tokenised value looks like such a value.
    """

    action: Action
    min_score: float = 0.5
    keep_format: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A list of terms of the policy.

    Attributes:
        terms: Each once, sorted.
        digest: Names the list: SHA-256 of its terms, in hex.
    """

    terms: tuple[str, ...] = field(repr=False, compare=False)
    digest: str

    @classmethod
    def of(cls, terms: Iterable[str]) -> Words:
        """The list of some terms."""
        sorted_terms = tuple(sorted(set(terms)))
        raw = "\n".join(sorted_terms).encode("utf-8", "surrogatepass")
        return cls(sorted_terms, sha256(raw).hexdigest())


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
        words: Entity name to list of terms, for ``pattern``.
        regions: Whose telephone numbers ``pii`` knows without a country code; ISO 3166-1.
        of: The scanner that this one is a variant of (an exception or an override changed it), or
            the rule that it reads for; findings carry that name.
        allow: For ``calls`` globs of the tools that may be called, for ``links`` the hosts that
            they may lead to, for ``copies`` globs of the tools it is about; None where all are.
        deny: For ``calls`` globs of the tools that may not.
        chars: For ``copies`` how many characters in a row are a copy.
        ask: The model of the settings that is asked, too; empty for none.
        grey: For ``injection`` the scores of the embedded model between which it is asked.
    """

    name: str
    kind: ScannerKind | GuardKind
    on: frozenset[Provenance]
    entities: Mapping[str, EntityRule] = field(default_factory=lambda: MappingProxyType({}))
    action: Action = Action.FLAG
    flag_at: float = 0.6
    block_at: float = 0.9
    patterns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    of: str = ""
    words: Mapping[str, Words] = field(default_factory=lambda: MappingProxyType({}))
    regions: tuple[str, ...] = REGIONS
    allow: tuple[str, ...] | None = None
    deny: tuple[str, ...] = ()
    chars: int = 0
    ask: str = ""
    grey: tuple[float, float] = (0.0, 1.0)

    @property
    def shown(self) -> str:
        """The name that findings and audit records give."""
        return self.of or self.name


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a model beside the built-in detectors says of a part of a text.

    Attributes:
        entity: What it takes it for.
        start: First code point of the part.
        end: Code point after it.
        score: From 0 to 1.
    """

    entity: str
    start: int
    end: int
    score: float


Value = bool | int | float | str
"""One value of a parameter."""

PARAMETERS: Final = (
    "max_tokens", "temperature", "top_p", "n", "stream", "tools", "tool_choice",
    "images", "audio", "files", "response_format", "reasoning_effort", "reasoning_tokens",
    "system", "messages", "message_chars", "prompt_chars", "tainted",
)  # fmt: skip
"""What a request may ask of a model, in words that mean the same for every wire format."""

WORDLESS: Final = frozenset({"stream", "messages", "message_chars", "prompt_chars"})
"""Those that are known of a request in a format of an endpoint's own: what is measured, and that
its answer is no stream. What it asks besides, it says in words that nobody knows."""

EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""The words of ``reasoning_effort``, from little to much."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a request asks of the model, in the words of ``PARAMETERS``.

    Attributes:
        values: Per parameter every value that the body gives it: several where it is spelt several
            times. A parameter that the body leaves out has the default that the format's API
            documents, and no value where it documents none (``max_tokens``: as many as the model
            likes). ``tools`` are the names of all tools, ``system`` the system texts in their
            order, ``images``, ``audio``, ``files`` and ``messages`` counts, ``message_chars`` the
            characters of the longest message, ``prompt_chars`` those of all texts. ``tainted`` is
            whether anything was written by neither the application, the user nor the model.
        stated: The parameters that the body names.
        foreign: Parameters that the body names in a spelling of another API, so that this format
            does not know what the upstream makes of them.
        inexpressible: Parameters that this format has no way to say.
    """

    values: Mapping[str, tuple[Value, ...]] = field(repr=False)
    stated: frozenset[str] = frozenset()
    foreign: frozenset[str] = frozenset()
    inexpressible: frozenset[str] = frozenset()

    def changed(self, changes: Changes) -> Parameters:
        """What the request asks for once it says this."""
        values = dict(self.values)
        for word, value in changes.items():
            if word == "system_prefix":
                values["system"] = (str(value), *values.get("system", ()))
            else:
                values[word] = value if isinstance(value, tuple) else (value,)
        words = {"system" if word == "system_prefix" else word for word in changes}
        return replace(self, values=MappingProxyType(values), stated=self.stated | words)


Changes = Mapping[str, Value | tuple[str, ...]]
"""What a request must say before it leaves: a parameter and its new value. For ``tools`` the names
of those that stay; ``system`` replaces every system text, ``system_prefix`` comes before them."""


@dataclass(frozen=True, slots=True)
class HoldBack:
    """How much of a streamed answer may wait for a scanner to decide; with more it is blocked.

    Attributes:
        chars: Characters of one running text; all of a stream together have sixteen times that.
        seconds: How long any of them may wait.
    """

    chars: int = 20_000
    seconds: float = 30.0


HOLD_BACK: Final = HoldBack()
"""What holds where a policy says nothing."""


LimitScope = Literal["subject", "role", "tenant", "everyone"]
"""Whose requests are counted together. A subject is one of its issuer."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in every window of so many seconds, wherever the window begins."""

    amount: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of the policy.

    Attributes:
        name: The policy's name of it.
        per: Whose requests are counted together.
        requests: How many requests.
        tokens: How many tokens, input and output together, as the provider counts them.
        concurrent: How many requests at the same time.
        reserve: Tokens that are set aside for an answer whose request states no ``max_tokens``.
    """

    name: str
    per: LimitScope = "subject"
    requests: Rate | None = None
    tokens: Rate | None = None
    concurrent: int | None = None
    reserve: int = 4096


@dataclass(frozen=True, slots=True)
class LimitUse:
    """A limit that a request counts in; per role, in the counts of these roles of the caller."""

    limit: Limit
    roles: tuple[str, ...] = ()


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
        token_id: The token's ``jti``.
        issued: The token's ``iat``, Unix time in seconds.
        actors: Who acts for the subject (RFC 8693 ``act``): the present actor first, then those
            who acted before.
    """

    subject: str
    issuer: str
    roles: tuple[str, ...]
    tenant: str | None
    claims: Mapping[str, Any] = field(repr=False)
    key: bytes = field(repr=False)
    expires: float
    token_id: str | None = None
    issued: float | None = None
    actors: tuple[str, ...] = ()
