"""The files of a signed policy's folder, read as plain files of that very folder."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from gateway.document import Document
from gateway.errors import ConfigurationError, Place, Problem
from gateway.policy.sources import digest_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Never

__all__ = ["MANIFEST", "MAX_FILE", "SIGNATURE", "digest_contents", "read_plain", "write_plain"]

MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
MAX_FILE: Final = 4 * 2**20
"""Most bytes that a policy file has."""


def read_plain(folder: Path, name: str, limit: int) -> bytes:
    """The bytes of a plain file of the folder, also behind links that stay in the folder.

    Raises:
        ConfigurationError: It is no plain file, leads out of the folder, or is too large.
    """
    path = folder / name
    place = Place(str(path))
    try:
        if not path.resolve(strict=True).is_relative_to(folder.resolve()):
            _refuse(place, "leads out of the policy's folder", "put the file itself there")
        # A pipe would make an open without this flag wait for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                _refuse(place, "is no plain file")
            raw = file.read(limit + 1)
    except OSError as error:
        _refuse(place, f"cannot be read: {error.strerror}")
    if len(raw) > limit:
        _refuse(place, f"is larger than {limit} bytes")
    return raw


def digest_contents(folder: Path, contents: Mapping[str, bytes]) -> str:
    """The digest that a policy of files with these names and bytes has (``Policy.digest``).

    Raises:
        ConfigurationError: A file is not UTF-8.
    """
    documents = []
    for name, raw in contents.items():
        try:
            documents.append(Document(str(folder / name), None, {}, raw.decode()))
        except UnicodeDecodeError:
            _refuse(Place(str(folder / name)), "is not UTF-8", "save it as UTF-8")
    return digest_of(documents)


def write_plain(path: Path, raw: bytes) -> None:
    """Writes a file, whole or not at all.

    Raises:
        ConfigurationError: It cannot be written.
    """
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.write_bytes(raw)
        temporary.replace(path)
    except OSError as error:
        _refuse(Place(str(path)), f"cannot be written: {error.strerror}")


def _refuse(place: Place, message: str, advice: str = "") -> Never:
    raise ConfigurationError(Problem(place, message, advice)) from None
