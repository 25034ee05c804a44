"""``witness.yaml``: where a witness listens, what it signs with, and whose logs it watches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from gateway.audit.keys import load_verifiers
from gateway.audit.note import Kind
from gateway.document import read, validate
from gateway.errors import ConfigurationError, Place, Problem
from gateway.values import FilePath

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.audit.note import Verifier

__all__ = ["WitnessSettings", "load_witness_settings", "log_keys"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WitnessListen(_Model):
    """Where the witness listens."""

    host: str = "127.0.0.1"
    port: int = Field(default=8090, ge=0, le=65535)


class WitnessSettings(_Model):
    """Everything that a witness's operator decides; ``logs`` are files with logs' public keys."""

    listen: WitnessListen = WitnessListen()
    key: FilePath
    store: FilePath
    logs: tuple[FilePath, ...] = Field(min_length=1)


def load_witness_settings(path: Path) -> WitnessSettings:
    """Reads ``witness.yaml``; relative paths are relative to it.

    Raises:
        ConfigurationError: With every problem and its place.
    """
    document = read(path)
    context = {"folder": path.resolve().parent, "document": document}
    return validate(WitnessSettings, document, context=context)


def log_keys(settings: WitnessSettings) -> list[Verifier]:
    """The public keys of the logs.

    Raises:
        ConfigurationError: A file is missing or holds anything else.
    """
    keys = [(path, key) for path in settings.logs for key in load_verifiers(path)]
    for path, key in keys:
        if key.kind is not Kind.ED25519:
            advice = "name the log's public key (log.vkey)"
            raise ConfigurationError(
                Problem(Place(str(path)), "this is a witness's key, not a log's", advice)
            )
    return [key for _, key in keys]
