"""What a signed policy consists of: its revision, and every file with its digest and size.

The manifest is strict JSON, so that whoever signs, reads and checks it sees the same: no member
twice, none unknown, none missing, no file outside the folder.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

import orjson

from gateway.errors import BadRequest
from gateway.ingress import strict_json

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MAX_MANIFEST", "Manifest", "ManifestError", "Member"]

MAX_MANIFEST: Final = 2**20
"""Most bytes that a manifest has."""

_MEMBERS: Final = {"name", "revision", "created", "files"}
_FILE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}\.(?:yaml|words)", re.ASCII)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_MAX_FILES: Final = 1000
_MAX_SIZE: Final = 2**32


class ManifestError(ValueError):
    """The bytes are no manifest; the text says why."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the policy: SHA-256 of its bytes in hex, and how many they are."""

    sha256: str
    size: int

    @classmethod
    def of(cls, raw: bytes) -> Self:
        """The member with these bytes."""
        return cls(hashlib.sha256(raw).hexdigest(), len(raw))


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest.

    Attributes:
        name: The policy's ``metadata.name``.
        revision: Its ``metadata.revision``.
        created: When it was signed, RFC 3339 in UTC; for people, nothing rests on it.
        files: By file name, without a folder.
    """

    name: str
    revision: int
    created: str
    files: Mapping[str, Member]

    def to_bytes(self) -> bytes:
        """The manifest as it is signed and stored.

        Raises:
            ManifestError: It would not be read again, such as for a file's unusual name.
        """
        value = {
            "name": self.name,
            "revision": self.revision,
            "created": self.created,
            "files": {
                name: {"sha256": member.sha256, "size": member.size}
                for name, member in sorted(self.files.items())
            },
        }
        raw = orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        Manifest.parse(raw)
        return raw

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """Reads a manifest.

        Raises:
            ManifestError: The bytes are none.
        """
        try:
            value = strict_json.loads(raw, max_depth=4)
        except BadRequest as error:
            raise ManifestError(f"it is not strict JSON ({error.reason})") from None
        if not isinstance(value, dict) or set(value) != _MEMBERS:
            raise ManifestError(f"its members must be {', '.join(sorted(_MEMBERS))}")
        return cls(
            _text(value["name"], "name"),
            _number(value["revision"], "revision", 2**53),
            _text(value["created"], "created", _TIME),
            _files(value["files"]),
        )


def _files(value: Any) -> dict[str, Member]:
    if not isinstance(value, dict) or not 0 < len(value) <= _MAX_FILES:
        raise ManifestError(f"files must name 1 to {_MAX_FILES} files")
    for name in value:
        if not _FILE.fullmatch(name):
            raise ManifestError(
                "a file's name must be plain, without a folder, and end in .yaml or .words"
            )
    return {name: _member(member) for name, member in value.items()}


def _member(value: Any) -> Member:
    if not isinstance(value, dict) or set(value) != {"sha256", "size"}:
        raise ManifestError("a file has sha256 and size")
    return Member(_text(value["sha256"], "sha256", _DIGEST), _number(value["size"], "size"))


def _text(value: Any, what: str, pattern: re.Pattern[str] | None = None) -> str:
    if not isinstance(value, str) or (pattern is not None and not pattern.fullmatch(value)):
        raise ManifestError(f"{what} is not what it should be")
    return value


def _number(value: Any, what: str, most: int = _MAX_SIZE) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise ManifestError(f"{what} must be a whole number")
    return value
