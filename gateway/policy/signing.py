"""Signs a policy's folder, so that gateways take it from nobody else."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gateway.errors import ConfigurationError, Place, Problem
from gateway.policy.bundle import verify_manifest
from gateway.policy.bundle_files import (
    MANIFEST,
    MAX_FILE,
    SIGNATURE,
    digest_contents,
    read_plain,
    write_plain,
)
from gateway.policy.manifest import MAX_MANIFEST, Manifest, ManifestError, Member
from gateway.policy.sources import find_files

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Never

    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

    from gateway.policy.model import Policy

__all__ = ["sign_bundle"]


def sign_bundle(folder: Path, policy: Policy, key: Ed25519PrivateKey) -> Manifest:
    """Signs a folder whose policy was loaded, and found right, just before.

    Args:
        folder: The policy's folder; ``manifest.json`` and ``manifest.sig`` are written into it.
        policy: What was loaded from it.
        key: The private key.

    Raises:
        ConfigurationError: The files changed since they were loaded, have names that a manifest
            does not take, were signed before with the same revision, or cannot be written.
    """
    place = Place(str(folder / MANIFEST))
    contents = {file.name: read_plain(folder, file.name, MAX_FILE) for file in find_files([folder])}
    if digest_contents(folder, contents) != policy.digest:
        _refuse(place, "the policy's files changed while they were loaded", "sign it again")
    created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    members = {name: Member.of(raw) for name, raw in contents.items()}
    manifest = Manifest(policy.name, policy.revision, created, members)
    _check_counted_up(folder, manifest, key.public_key())
    try:
        raw = manifest.to_bytes()
    except ManifestError as error:
        _refuse(place, f"cannot be made: {error}")
    write_plain(folder / MANIFEST, raw)
    write_plain(folder / SIGNATURE, base64.b64encode(key.sign(raw)) + b"\n")
    return manifest


def _check_counted_up(folder: Path, manifest: Manifest, key: Ed25519PublicKey) -> None:
    """No gateway takes other files under a number that it knows, so none are signed."""
    if not (folder / SIGNATURE).exists():
        return
    raw = read_plain(folder, MANIFEST, MAX_MANIFEST)
    try:
        verify_manifest(folder, raw, key)
        before = Manifest.parse(raw)
    except (ConfigurationError, ManifestError):
        return  # another key's, or damaged: nothing that was released with this key
    if manifest.revision < before.revision or (
        manifest.revision == before.revision and manifest.files != before.files
    ):
        message = f"revision {before.revision} was signed before with other files"
        _refuse(Place(str(folder / MANIFEST)), message, "count metadata.revision up")


def _refuse(place: Place, message: str, advice: str = "") -> Never:
    raise ConfigurationError(Problem(place, message, advice)) from None
