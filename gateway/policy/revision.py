"""The last signed policy that came into force, remembered so that none before it comes back.

An attacker who cannot sign may still have an old, rightly signed policy with a rule less. So each
policy's revision must be above the last one, and the last one is kept in a file.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from gateway.errors import BadRequest, ConfigurationError, Place, Problem
from gateway.ingress import strict_json

__all__ = ["Stamp", "check_rising", "read_stamp", "write_stamp"]

_MAX_BYTES: Final = 4096
_HEX: Final = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A policy's revision, and the digest of its files (``Policy.digest``)."""

    revision: int
    digest: str


def check_rising(last: Stamp | None, new: Stamp, place: Place) -> None:
    """Lets pass what is newer than the last policy, or the very same: a restart.

    Raises:
        ConfigurationError: It is older, or another policy under the same number.
    """
    if last is None or new == last or new.revision > last.revision:
        return
    if new.revision == last.revision:
        message = f"revision {new.revision} was already in force with other files"
    else:
        message = f"revision {new.revision} is older than revision {last.revision}, the last one"
    raise ConfigurationError(Problem(place, message, "count metadata.revision up and sign again"))


def read_stamp(path: Path) -> Stamp | None:
    """The last policy's stamp; None where no policy was taken yet.

    Raises:
        ConfigurationError: The file cannot be read or holds no stamp: then nothing is known of
            what came before, and no policy can be taken.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _problem(path, f"cannot be read: {error.strerror}") from None
    try:
        return _stamp(strict_json.loads(raw))
    except (BadRequest, ValueError):
        raise _problem(path, "holds no revision") from None


def _stamp(value: Any) -> Stamp:
    if not isinstance(value, dict) or set(value) != {"revision", "digest"}:
        raise ValueError
    revision, digest = value["revision"], value["digest"]
    if type(revision) is not int or revision < 0:
        raise ValueError
    if not isinstance(digest, str) or len(digest) != 64 or not _HEX.issuperset(digest):
        raise ValueError
    return Stamp(revision, digest)


def write_stamp(path: Path, stamp: Stamp) -> None:
    """Remembers a policy as the last one: wholly on disk, or not at all.

    Looks once more, as another process of this gateway may have taken a newer one meanwhile.

    Raises:
        ConfigurationError: The file cannot be written, or a newer policy was taken meanwhile.
    """
    last = read_stamp(path)
    if last == stamp:
        return
    check_rising(last, stamp, Place(str(path)))
    try:
        _replace(path, orjson.dumps({"revision": stamp.revision, "digest": stamp.digest}))
    except OSError as error:
        raise _problem(path, f"cannot be written: {error.strerror}") from None


def _replace(path: Path, raw: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _problem(path: Path, message: str) -> ConfigurationError:
    advice = "restore it, or remove it to take any signed policy as the first one"
    return ConfigurationError(Problem(Place(str(path)), message, advice))
