"""The part of ``gateway.yaml`` about where the audit log goes beside its store."""

from __future__ import annotations

from typing import Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway.values import Duration, FilePath, HttpUrl, check_secure_url, is_local

__all__ = ["MirrorSettings", "SinkSettings", "WitnessKeySettings"]

_KINDS: Final = {
    "webhook": frozenset({"token_file", "secret_file", "format"}),
    "syslog": frozenset({"format"}),
    "otlp": frozenset({"token_file"}),
}
"""The keys that not every kind of sink has."""


class WitnessKeySettings(BaseModel):
    """A witness that cosigns the log's checkpoints, and its public key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: HttpUrl
    vkey: FilePath


class MirrorSettings(BaseModel):
    """Where copies of checkpoints are kept: in a folder, or behind a URL."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: FilePath | None = None
    url: HttpUrl | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.folder is None) == (self.url is None):
            raise ValueError("a mirror needs a folder or a url, and not both")
        return self


class SinkSettings(BaseModel):
    """One receiver of records, and which of them it gets."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["webhook", "syslog", "otlp"]
    url: str
    format: Literal["jsonl", "ocsf", "cef"] | None = None
    filters: dict[str, str | int] = Field(default={})
    batch: int = Field(default=200, ge=1, le=1000)
    deadline: Duration = Field(default=10.0, ge=0.1, le=60)
    token_file: FilePath | None = None
    secret_file: FilePath | None = None
    ca_file: FilePath | None = None
    certificate_file: FilePath | None = None
    key_file: FilePath | None = None

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        given = {name for names in _KINDS.values() for name in names if getattr(self, name)}
        wrong = sorted(given - _KINDS[self.kind])
        if wrong:
            raise ValueError(f"a sink of kind {self.kind} has no {wrong[0]}")
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("certificate_file and key_file go together")
        if (self.ca_file or self.certificate_file) and self.url.startswith(("http:", "tcp:")):
            raise ValueError("ca_file and certificate_file are for https and tls")
        if self.kind == "syslog":
            _check_syslog(self.url)
        else:
            check_secure_url(self.url)
        return self


def _check_syslog(value: str) -> None:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError("the URL has no valid host and port") from None
    if parts.scheme not in {"tls", "tcp"} or not parts.hostname or not port or "@" in parts.netloc:
        raise ValueError("a syslog receiver is tls://HOST:PORT, or tcp://HOST:PORT")
    if parts.path or parts.query or parts.fragment:
        raise ValueError("a syslog receiver has no path")
    if parts.scheme == "tcp" and not is_local(parts.hostname):
        raise ValueError("the URL must be tls; tcp is for this machine only")
