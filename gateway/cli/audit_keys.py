"""The public keys that commands are given: whose signatures count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.audit.keys import load_verifiers
from gateway.audit.note import Kind
from gateway.errors import ConfigurationError, Place, Problem

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.audit.note import Verifier

__all__ = ["read_keys", "witness_keys"]


def read_keys(files: tuple[Path, ...]) -> list[Verifier]:
    """All public keys in files.

    Raises:
        ConfigurationError: A file is missing or holds anything else.
    """
    return [one for file in files for one in load_verifiers(file)]


def witness_keys(files: tuple[Path, ...], vkeys: list[Verifier]) -> list[Verifier]:
    """The witnesses' keys; the log's own would let it be its own witness.

    Raises:
        ConfigurationError: A key is of no witness, the log's own, or given twice.
    """
    own = {one.key.public_bytes_raw() for one in vkeys}
    found: dict[bytes, Verifier] = {}
    for file in files:
        for one in load_verifiers(file):
            raw = one.key.public_bytes_raw()
            if one.kind is not Kind.COSIGNATURE or raw in own or raw in found:
                raise ConfigurationError(
                    Problem(
                        Place(str(file)),
                        "this is no witness's key, the log's own, or given twice",
                        "name the witness.vkey of each witness once",
                    )
                )
            found[raw] = one
    return list(found.values())
