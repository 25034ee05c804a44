"""Signed policies: a folder with a manifest of its files, and an Ed25519 signature over that.

``manifest.json`` names every ``*.yaml`` and ``*.words`` of the folder with its SHA-256;
``manifest.sig`` is the
signature (RFC 8032) over the manifest's exact bytes, in base64. What is loaded is what was signed:
the digest of the parsed files must be that of the files whose digests were checked, so that nothing
can be exchanged in between.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature

from gateway.errors import ConfigurationError, Place, Problem
from gateway.policy.bundle_files import MANIFEST, MAX_FILE, SIGNATURE, digest_contents, read_plain
from gateway.policy.bundle_keys import load_verifying_key
from gateway.policy.manifest import MAX_MANIFEST, Manifest, ManifestError, Member
from gateway.policy.revision import Stamp, check_rising, read_stamp
from gateway.policy.sources import find_files

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import Never

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from gateway.policy.model import Policy

__all__ = ["Bundle", "Signed", "check_loaded", "load_signed", "open_bundle", "verify_manifest"]

_MAX_SIGNATURE: Final = 200
_SIGN: Final = "sign the folder again with `gateway policy sign`"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a policy must prove before it comes into force.

    Attributes:
        key: The file of the public key that must have signed it.
        revision_file: Where the last revision is remembered.
    """

    key: Path
    revision_file: Path


@dataclass(frozen=True, slots=True)
class Bundle:
    """A signed folder whose files are those that were signed.

    Attributes:
        manifest: What was signed.
        files: The policy files, sorted.
        digest: The digest that a policy of exactly these files has.
    """

    manifest: Manifest
    files: tuple[Path, ...]
    digest: str


def load_signed(
    paths: Sequence[Path], signed: Signed, load: Callable[[Sequence[Path]], Policy]
) -> tuple[Policy, Stamp]:
    """Loads a policy that is signed, whole, unchanged and not older than the last one.

    Args:
        paths: The one folder of the policy.
        signed: Whose signature it must carry.
        load: Loads a policy from its files.

    Returns:
        The policy, and the stamp to remember once it is in force.

    Raises:
        ConfigurationError: It is not all of that, or cannot be loaded.
    """
    folder = _only_folder(paths)
    _check_apart(folder, signed)
    bundle = open_bundle(folder, load_verifying_key(signed.key))
    stamp = Stamp(bundle.manifest.revision, bundle.digest)
    place = Place(str(folder / MANIFEST))
    check_rising(read_stamp(signed.revision_file), stamp, place)
    policy = load(bundle.files)
    check_loaded(bundle, policy, place)
    return policy, stamp


def check_loaded(bundle: Bundle, policy: Policy, place: Place) -> None:
    """Checks that a policy was made of a bundle's files, byte for byte.

    Raises:
        ConfigurationError: The files changed since they were checked, or say something else than
            the manifest.
    """
    if policy.digest != bundle.digest:
        _refuse(place, "the policy's files changed while they were loaded", "load it again")
    if (policy.name, policy.revision) != (bundle.manifest.name, bundle.manifest.revision):
        _refuse(place, "name or revision differs from the policy's metadata", _SIGN)


def open_bundle(folder: Path, key: Ed25519PublicKey) -> Bundle:
    """Checks signature and files of a signed folder.

    Raises:
        ConfigurationError: The signature does not hold, or the files are not those signed.
    """
    raw = read_plain(folder, MANIFEST, MAX_MANIFEST)
    verify_manifest(folder, raw, key)
    place = Place(str(folder / MANIFEST))
    try:
        manifest = Manifest.parse(raw)
    except ManifestError as error:
        _refuse(place, f"is no manifest: {error}", _SIGN)
    _check_names(folder, manifest)
    contents = {name: _checked(folder, name, member) for name, member in manifest.files.items()}
    return Bundle(
        manifest,
        tuple(folder / name for name in sorted(contents)),
        digest_contents(folder, contents),
    )


def _only_folder(paths: Sequence[Path]) -> Path:
    if len(paths) != 1 or not paths[0].is_dir():
        where = Place(", ".join(str(path) for path in paths))
        _refuse(where, "a signed policy is one folder", f"name the folder that holds {MANIFEST}")
    return paths[0]


def _check_apart(folder: Path, signed: Signed) -> None:
    """Whoever can write policies must not thereby choose the key, or forget the revision."""
    home = folder.resolve()
    for path, key in ((signed.key, "signed_by"), (signed.revision_file, "revision_file")):
        if path.resolve().is_relative_to(home):
            advice = "keep it where those who write policies cannot"
            _refuse(Place(str(path)), f"{key} lies in the policy's own folder", advice)


def verify_manifest(folder: Path, manifest: bytes, key: Ed25519PublicKey) -> None:
    """Checks the signature over a manifest's bytes.

    Raises:
        ConfigurationError: There is none, or it is another key's or another manifest's.
    """
    place = Place(str(folder / SIGNATURE))
    raw = read_plain(folder, SIGNATURE, _MAX_SIGNATURE)
    try:
        key.verify(base64.b64decode(raw.strip(), validate=True), manifest)
    except (InvalidSignature, binascii.Error, ValueError):
        _refuse(place, "the signature does not hold for the manifest and this key", _SIGN)


def _check_names(folder: Path, manifest: Manifest) -> None:
    present, listed = {file.name for file in find_files([folder])}, set(manifest.files)
    problems = [
        Problem(Place(str(folder / name)), "is not in the manifest", "take it out, or sign again")
        for name in sorted(present - listed)
    ]
    problems += [
        Problem(Place(str(folder / name)), "is in the manifest, but not in the folder", _SIGN)
        for name in sorted(listed - present)
    ]
    if problems:
        raise ConfigurationError(problems)


def _checked(folder: Path, name: str, member: Member) -> bytes:
    raw = read_plain(folder, name, MAX_FILE)
    if Member.of(raw) != member:
        _refuse(Place(str(folder / name)), "differs from what was signed", _SIGN)
    return raw


def _refuse(place: Place, message: str, advice: str = "") -> Never:
    raise ConfigurationError(Problem(place, message, advice)) from None
