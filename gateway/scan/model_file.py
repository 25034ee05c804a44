"""The file of the embedded model: a line that says what follows, and the compressed tables."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import asdict, dataclass
from importlib import resources
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

import numpy as np

from gateway.scan.ngrams import BITS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Head", "HeadName", "ModelFileError", "load", "packed", "shipped", "unpacked"]

HeadName: TypeAlias = Literal["user", "data"]
_MAGIC: Final = b"gateway injection model 1\n"
_NAME: Final = "weights/injection.bin"
_NAMES: Final = frozenset(get_args(HeadName))
_LONGEST_LINE: Final = 4096


class ModelFileError(Exception):
    """The file of the model is not what it should be."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Head:
    """One of the questions that the model answers.

    Attributes:
        table: A weight for each row, in units of ``unit``.
        unit: What a weight of one is worth.
        bias: What is said of a text without features.
        flag: The margin at which the score is 0.6.
        block: The margin at which the score is 0.9.
    """

    table: np.ndarray[tuple[int], np.dtype[np.int8]]
    unit: float
    bias: float
    flag: float
    block: float


@dataclass(frozen=True, slots=True)
class _Line:
    name: HeadName
    unit: float
    bias: float
    flag: float
    block: float


def packed(heads: Mapping[HeadName, Head]) -> bytes:
    """The file of some heads, the same bytes for the same heads."""
    lines = [
        asdict(_Line(name, one.unit, one.bias, one.flag, one.block)) for name, one in heads.items()
    ]
    tables = zlib.compress(b"".join(one.table.tobytes() for one in heads.values()), 9)
    return _MAGIC + json.dumps(lines, sort_keys=True).encode() + b"\n" + tables


def unpacked(data: bytes) -> dict[HeadName, Head]:
    """The heads in a file.

    Raises:
        ModelFileError: It is none, or a part of it is missing.
    """
    head, _, rest = data.removeprefix(_MAGIC).partition(b"\n")
    if not data.startswith(_MAGIC) or len(head) > _LONGEST_LINE:
        raise ModelFileError("this is no file of the injection model")
    try:
        lines = [_Line(**one) for one in json.loads(head)]
        size = 1 << BITS
        unpacker = zlib.decompressobj()
        tables = unpacker.decompress(rest, size * len(lines) + 1)
    except (ValueError, TypeError, zlib.error) as error:
        raise ModelFileError("the file of the injection model is damaged") from error
    if {one.name for one in lines} != _NAMES:
        raise ModelFileError("the file of the injection model lacks a head")
    if len(tables) != size * len(lines) or not unpacker.eof:
        raise ModelFileError("the tables of the injection model have the wrong size")
    return {
        one.name: Head(
            np.frombuffer(tables, np.int8, size, size * index),
            *(one.unit, one.bias, one.flag, one.block),
        )
        for index, one in enumerate(lines)
    }


def shipped() -> bytes:
    """The file that comes with the gateway."""
    return (resources.files("gateway.scan") / _NAME).read_bytes()


def load() -> tuple[dict[HeadName, Head], str]:
    """The heads of the file that comes with the gateway, and its SHA-256.

    Raises:
        ModelFileError: It is damaged.
    """
    data = shipped()
    return unpacked(data), hashlib.sha256(data).hexdigest()
