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
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    model_validator,
)

from gateway.document import Document, read, validate
from gateway.errors import ConfigurationError, Problem
from gateway.units import parse_duration, parse_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "AuditSettings",
    "CredentialSettings",
    "IssuerSettings",
    "LimitSettings",
    "Settings",
    "UpstreamSettings",
    "load_settings",
]

_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SQLITE: Final = "sqlite:///"
_OWN_HEADERS: Final = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "content-type", "host",
     "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)  # fmt: skip
_DAY: Final = 86400
_ASYMMETRIC: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip


def _is_local(host: str | None) -> bool:
    return host in {"localhost", "127.0.0.1", "::1"}


def _http_url(value: str) -> str:
    # What is refused is not quoted: it may hold a password.
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError("the URL has no valid host and port") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise ValueError("the value is not an http or https URL")
    if "@" in parts.netloc or {"?", "#"} & set(value):
        raise ValueError("a URL here has no credentials, query or fragment")
    if not value.isascii() or not value.isprintable() or set(value) & set(' \\"<>^`{|}'):
        raise ValueError("the URL holds characters that no URL has")
    return value.rstrip("/")


def _secure_url(value: str) -> str:
    parts = urlsplit(_http_url(value))
    if parts.scheme != "https" and not _is_local(parts.hostname):
        raise ValueError("the URL must be https; http is for this machine only")
    return value


def _foreign_header(value: str) -> str:
    if value.lower() in _OWN_HEADERS:
        raise ValueError(f"the gateway writes {value.lower()!r} itself")
    return value


def _header_value(value: str) -> str:
    # RFC 9110 §5.5; a line break from the end of a secret's file would split the request.
    if not value.isascii() or not value.isprintable() or value != value.strip():
        raise ValueError("this is no header value: printable ASCII without spaces at its ends")
    return value


def _resolve(value: Path, info: ValidationInfo) -> Path:
    folder: Path = (info.context or {}).get("folder", Path())
    return (folder / value.expanduser()).resolve()


def _store_url(value: str, info: ValidationInfo) -> str:
    path = value.removeprefix(_SQLITE)
    if path == value or not path or "\x00" in path:
        raise ValueError("the store must be sqlite:///PATH")
    return _SQLITE + str(_resolve(Path(path), info))


Size = Annotated[int, BeforeValidator(parse_size)]
Duration = Annotated[float, BeforeValidator(parse_duration)]
FilePath = Annotated[Path, AfterValidator(_resolve)]
StoreUrl = Annotated[str, AfterValidator(_store_url)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
SecureUrl = Annotated[str, AfterValidator(_secure_url)]
HeaderName = Annotated[str, AfterValidator(_foreign_header)]
HeaderValue = Annotated[str, AfterValidator(_header_value)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ListenSettings(_Model):
    """Where the gateway listens."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)


class CredentialSettings(_Model):
    """The header in which the gateway names itself to an upstream."""

    header: HeaderName = Field(pattern=r"^[A-Za-z0-9-]{1,64}$")
    value: HeaderValue = Field(min_length=1, repr=False)


class UpstreamSettings(_Model):
    """One model endpoint, and the models that are asked of it (globs)."""

    url: HttpUrl
    models: tuple[str, ...] = ()
    credential: CredentialSettings | None = None

    def serves(self, model: str) -> bool:
        """Whether this upstream is the one to ask for a model."""
        return any(fnmatchcase(model, glob) for glob in self.models)


class ClaimSettings(_Model):
    """Dotted paths of the claims that say who calls."""

    subject: str = "sub"
    roles: str = "roles"
    tenant: str = "tenant"


class IssuerSettings(_Model):
    """One issuer of tokens and the keys it signs with."""

    issuer: str = Field(min_length=1)
    audience: str = Field(min_length=1)
    jwks_url: SecureUrl | None = None
    jwks_file: FilePath | None = None
    algorithms: tuple[Literal[_ASYMMETRIC], ...] = Field(min_length=1)  # type: ignore[valid-type]
    claims: ClaimSettings = ClaimSettings()
    token_types: tuple[str, ...] = ()
    leeway: Duration = Field(default=30.0, ge=0, le=60)
    max_lifetime: Duration = Field(default=86400.0, gt=0)
    jwks_ttl: Duration = Field(default=900.0, ge=300, le=86400)
    development_key: FilePath | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.jwks_url is None) == (self.jwks_file is None):
            raise ValueError("an issuer needs exactly one of jwks_url and jwks_file")
        return self


class IdentitySettings(_Model):
    """Whose tokens are taken."""

    issuers: tuple[IssuerSettings, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [issuer.issuer for issuer in self.issuers]
        if len(set(names)) != len(names):
            raise ValueError("an issuer stands twice")
        return self


class PolicySettings(_Model):
    """Where the policy files are."""

    path: FilePath


class AuditSettings(_Model):
    """Where audit records go and whose keys can open them."""

    store: StoreUrl
    durability: Literal["strict", "relaxed"] = "strict"
    recipients: tuple[FilePath, ...] = Field(min_length=1)
    signing_key: FilePath
    deadline: Duration = Field(default=5.0, gt=0, le=60)


def _audit_branch(value: object) -> str:
    return "[off]" if value == "off" else "[log]"


AuditChoice = Annotated[
    Annotated[AuditSettings, Tag("[log]")] | Annotated[Literal["off"], Tag("[off]")],
    Discriminator(_audit_branch),
]


class LimitSettings(_Model):
    """Bounds of one request."""

    body: Size = Field(default=10 * 2**20, ge=1024, le=2**30)
    headers: Size = Field(default=32 * 2**10, ge=1024, le=2**20)
    answer: Size = Field(default=64 * 2**20, ge=1024, le=2**30)
    body_timeout: Duration = Field(default=30.0, gt=0, le=_DAY)
    upstream_connect: Duration = Field(default=5.0, gt=0, le=_DAY)
    upstream_timeout: Duration = Field(default=600.0, gt=0, le=_DAY)
    drain: Duration = Field(default=30.0, ge=0, le=_DAY)


class Settings(_Model):
    """Everything an operator decides."""

    listen: ListenSettings = ListenSettings()
    upstreams: dict[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")], UpstreamSettings]
    identity: IdentitySettings
    policy: PolicySettings
    audit: AuditChoice
    limits: LimitSettings = LimitSettings()
    state: Literal["memory"] = "memory"

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
    try:
        return validate(Settings, document, context={"folder": Path(path).resolve().parent})
    except ConfigurationError as error:
        raise _veiled(error, written, document) from None


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
