"""``gateway.yaml`` as typed, frozen settings.

Unknown keys are errors with their line; ``${NAME}`` reads the environment, in values only;
relative paths are relative to the file.
"""

from __future__ import annotations

import os
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PrivateAttr,
    Tag,
    model_validator,
)

from gateway.document import Document, read, validate
from gateway.errors import ConfigurationError, Place, Problem
from gateway.model_settings import CredentialSettings, ModelSettings
from gateway.pointers import overlapping
from gateway.retention_settings import RetentionSettings
from gateway.sink_settings import MirrorSettings, SinkSettings, WitnessKeySettings
from gateway.values import (
    Duration,
    FilePath,
    HeaderName,
    HttpUrl,
    Network,
    Pointer,
    SecureUrl,
    Size,
    StateUrl,
    StoreUrl,
    check_secure_url,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "AuditSettings",
    "CertificateSettings",
    "ClaimSettings",
    "CredentialSettings",
    "IdentitySettings",
    "IssuerSettings",
    "LimitSettings",
    "PseudonymSettings",
    "RevocationSettings",
    "RouteSettings",
    "Settings",
    "UpstreamSettings",
    "load_settings",
]

_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_DAY: Final = 86400
_NAME: Final = r"^[a-z0-9][a-z0-9_-]{0,63}$"
_ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    "HS256", "HS384", "HS512",
)  # fmt: skip
_CLIENT_HEADERS: Final = frozenset(
    {"anthropic-beta", "anthropic-version", "api-key", "authorization", "cookie", "dpop",
     "idempotency-key", "openai-beta", "user-agent", "x-api-key", "x-forwarded-for",
     "x-goog-api-key"}
)  # fmt: skip


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ListenSettings(_Model):
    """Where the gateway listens."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    trusted_proxies: tuple[Network, ...] = ()


class RouteSettings(_Model):
    """A path of an endpoint that speaks no provider's API, and where the texts stand in its JSON.

    Whether the path, the model and the name can be those of a route is for ``steps.own_routes``.
    """

    path: str = Field(min_length=1)
    model: str = Field(min_length=1)
    request_texts: tuple[Pointer, ...] = Field(min_length=1)
    response_texts: tuple[Pointer, ...] = ()
    route: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _apart(self) -> Self:
        for key in ("request_texts", "response_texts"):
            twice = overlapping(getattr(self, key))
            if twice is not None:
                raise ValueError(f"in {key}, {twice[0]} and {twice[1]} lead to the same texts")
        return self


class UpstreamSettings(_Model):
    """One model endpoint, the models that are asked of it (globs), and the paths of its own."""

    url: HttpUrl
    models: tuple[str, ...] = ()
    credential: CredentialSettings | None = None
    routes: tuple[RouteSettings, ...] = ()

    def serves(self, model: str) -> bool:
        """Whether this upstream is the one to ask for a model."""
        return any(fnmatchcase(model, glob) for glob in self.models)


class ClaimSettings(_Model):
    """Dotted paths of the claims that say who calls, and for whom the token is meant."""

    subject: str = "sub"
    roles: str = "roles"
    tenant: str = "tenant"
    audience: str = "aud"


class IssuerSettings(_Model):
    """One issuer of tokens, the keys it signs with, and what its tokens must prove."""

    issuer: str = Field(min_length=1)
    audience: str = Field(min_length=1)
    jwks_url: SecureUrl | None = None
    jwks_file: FilePath | None = None
    discovery: bool = False
    secret_file: FilePath | None = None
    algorithms: tuple[Literal[_ALGORITHMS], ...] = Field(min_length=1)  # type: ignore[valid-type]
    claims: ClaimSettings = ClaimSettings()
    tenant: str | None = Field(default=None, min_length=1, max_length=256)
    token_types: tuple[str, ...] = ()
    proof: Literal["bearer", "dpop", "mtls"] = "bearer"
    leeway: Duration = Field(default=30.0, ge=0, le=60)
    max_lifetime: Duration = Field(default=86400.0, gt=0)
    jwks_ttl: Duration = Field(default=900.0, ge=300, le=86400)
    development_key: FilePath | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        sources = (self.jwks_url, self.jwks_file, self.discovery or None, self.secret_file)
        if sum(source is not None for source in sources) != 1:
            raise ValueError(
                "an issuer needs exactly one of jwks_url, jwks_file, discovery and secret_file"
            )
        if self.discovery:
            check_secure_url(self.issuer)
        symmetric = [name.startswith("HS") for name in self.algorithms]
        if any(symmetric) != (self.secret_file is not None) or any(symmetric) != all(symmetric):
            raise ValueError("HS algorithms go with a secret_file, and with no other algorithm")
        if len(symmetric) > 1 and any(symmetric):
            raise ValueError("a secret serves one algorithm; name only that")
        return self


class CertificateSettings(_Model):
    """Where the TLS terminator says which certificate the client showed it (RFC 8705)."""

    header: HeaderName = Field(pattern=r"^[A-Za-z0-9-]{1,64}$")
    format: Literal["rfc9440", "pem", "sha256", "xfcc"]

    @model_validator(mode="after")
    def _terminators_own(self) -> Self:
        if self.header.lower() in _CLIENT_HEADERS:
            raise ValueError(f"clients write {self.header.lower()!r} themselves; name another")
        return self


class RevocationSettings(_Model):
    """Where revoked tokens are named, and how old that knowledge may be."""

    file: FilePath | None = None
    shared: bool = False
    refresh: Duration = Field(default=5.0, ge=0.1, le=3600)
    max_age: Duration = Field(default=60.0, ge=1, le=_DAY)

    @model_validator(mode="after")
    def _some_source(self) -> Self:
        if self.file is None and not self.shared:
            raise ValueError("revocation needs a file, or shared: true, or both")
        if self.max_age <= self.refresh:
            raise ValueError("max_age must be longer than refresh")
        return self


class IdentitySettings(_Model):
    """Whose tokens are taken, and what else they must prove."""

    issuers: tuple[IssuerSettings, ...] = Field(min_length=1)
    public_urls: tuple[HttpUrl, ...] = ()
    client_certificate: CertificateSettings | None = None
    revocation: RevocationSettings | None = None
    max_failures: int = Field(default=300, ge=0)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = [issuer.issuer for issuer in self.issuers]
        if len(set(names)) != len(names):
            raise ValueError("an issuer stands twice")
        proofs = {issuer.proof for issuer in self.issuers}
        if "dpop" in proofs and not self.public_urls:
            raise ValueError("proof: dpop needs public_urls, the addresses that clients call")
        if "mtls" in proofs and self.client_certificate is None:
            raise ValueError("proof: mtls needs client_certificate, the header that names it")
        return self


class PolicySettings(_Model):
    """Where the policy files are, and whose signature they must carry."""

    path: FilePath
    signed_by: FilePath | None = None
    revision_file: FilePath | None = None

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if (self.signed_by is None) != (self.revision_file is None):
            raise ValueError("signed_by and revision_file go together")
        return self


class AuditSettings(_Model):
    """Where audit records go and whose keys can open them."""

    store: StoreUrl = Field(repr=False)
    durability: Literal["strict", "relaxed"] = "strict"
    recipients: tuple[FilePath, ...] = Field(min_length=1)
    signing_key: FilePath
    index_key: FilePath | None = None
    deadline: Duration = Field(default=5.0, gt=0, le=60)
    retention: RetentionSettings = RetentionSettings()
    witnesses: tuple[WitnessKeySettings, ...] = ()
    mirror: MirrorSettings | None = None
    sinks: dict[Annotated[str, Field(pattern=_NAME)], SinkSettings] = Field(default={})


def _audit_branch(value: object) -> str:
    return "[off]" if value == "off" else "[log]"


AuditChoice = Annotated[
    Annotated[AuditSettings, Tag("[log]")] | Annotated[Literal["off"], Tag("[off]")],
    Discriminator(_audit_branch),
]


class PseudonymSettings(_Model):
    """Where the key for pseudonyms is, and how long what needs remembering is remembered."""

    key_file: FilePath | None = None
    ttl: Duration = Field(default=_DAY, gt=0, le=30 * _DAY)


class LimitSettings(_Model):
    """Bounds of one request."""

    body: Size = Field(default=10 * 2**20, ge=1024, le=2**30)
    headers: Size = Field(default=32 * 2**10, ge=1024, le=2**20)
    answer: Size = Field(default=64 * 2**20, ge=1024, le=2**30)
    body_timeout: Duration = Field(default=30.0, gt=0, le=_DAY)
    upstream_connect: Duration = Field(default=5.0, gt=0, le=_DAY)
    upstream_timeout: Duration = Field(default=600.0, gt=0, le=_DAY)
    drain: Duration = Field(default=30.0, ge=0, le=_DAY)
    state_timeout: Duration = Field(default=0.5, gt=0, le=60)
    scan_time: Duration = Field(default=60.0, ge=0.1, le=_DAY)


class Settings(_Model):
    """Everything an operator decides."""

    listen: ListenSettings = ListenSettings()
    upstreams: dict[Annotated[str, Field(pattern=_NAME)], UpstreamSettings]
    identity: IdentitySettings
    policy: PolicySettings
    audit: AuditChoice
    limits: LimitSettings = LimitSettings()
    pseudonyms: PseudonymSettings = PseudonymSettings()
    models: dict[Annotated[str, Field(pattern=_NAME)], ModelSettings] = Field(default_factory=dict)
    state: StateUrl = Field(default="memory", repr=False)
    _document: Document | None = PrivateAttr(default=None)

    def model_post_init(self, context: Any, /) -> None:
        """Remembers the file, so that what is found later can be told with its place."""
        self._document = (context or {}).get("document")

    def place(self, *loc: str | int) -> Place:
        """Where a setting stands in its file, or what is nearest around it."""
        return self._document.place(loc) if self._document else Place("gateway.yaml")

    def upstream_for(self, model: str) -> str | None:
        """The name of the first upstream, in the file's order, that serves a model."""
        for name, upstream in self.upstreams.items():
            if upstream.serves(model):
                return name
        return None


def load_settings(path: str | Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Reads ``gateway.yaml``.

    Args:
        path: The file.
        environment: Where ``${NAME}`` is looked up; the process's environment if not given.

    Raises:
        ConfigurationError: With every problem and its place.
    """
    written = read(path)
    document = _expand(written, os.environ if environment is None else environment)
    context = {"folder": Path(path).resolve().parent, "document": document}
    try:
        settings = validate(Settings, document, context=context)
    except ConfigurationError as error:
        raise _veiled(error, written, document) from None
    problems = [*_contradictions(settings, document)]
    if problems:
        raise ConfigurationError(problems)
    return settings


def _contradictions(settings: Settings, document: Document) -> Iterator[Problem]:
    """What one section asks of another that is not there."""
    revocation = settings.identity.revocation
    if revocation is not None and revocation.shared and settings.state == "memory":
        place = document.place(("identity", "revocation", "shared"))
        yield Problem(place, "shared: true needs a shared state", "add state: redis://HOST:PORT/DB")
    if settings.identity.client_certificate is not None and not settings.listen.trusted_proxies:
        place = document.place(("identity", "client_certificate"))
        message = "client_certificate needs listen.trusted_proxies"
        yield Problem(place, message, "say whose word about certificates is taken")


def _veiled(error: ConfigurationError, written: Document, expanded: Document) -> ConfigurationError:
    """The same problems, with ``${NAME}`` where a message quotes what the environment holds."""
    secrets = dict(_expansions(written.value, expanded.value))
    problems = []
    for problem in error.problems:
        message = problem.message
        for value, source in secrets.items():
            message = message.replace(value, source)
        problems.append(Problem(problem.place, message, problem.advice))
    return ConfigurationError(problems)


def _expansions(written: Any, expanded: Any) -> Iterator[tuple[str, str]]:
    if isinstance(written, dict):
        for key, inner in written.items():
            yield from _expansions(inner, expanded[key])
    elif isinstance(written, list):
        for before, after in zip(written, expanded, strict=True):
            yield from _expansions(before, after)
    elif written != expanded:
        yield repr(expanded), repr(written)


def _expand(document: Document, environment: Mapping[str, str]) -> Document:
    problems: list[Problem] = []

    def expand(value: Any, loc: tuple[str | int, ...]) -> Any:
        if isinstance(value, dict):
            return {key: expand(inner, (*loc, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [expand(inner, (*loc, index)) for index, inner in enumerate(value)]
        if isinstance(value, str):
            return _VARIABLE.sub(lambda found: lookup(found[1], loc), value)
        return value

    def lookup(name: str, loc: tuple[str | int, ...]) -> str:
        if not environment.get(name):
            advice = f"export {name}, or take the value out"
            problems.append(Problem(document.place(loc), f"the environment has no {name}", advice))
        return environment.get(name, "")

    value = expand(document.value, ())
    if problems:
        raise ConfigurationError(problems)
    return Document(document.file, value, document.places, document.text)
