"""Lists of terms in files of their own: ``*.words`` beside the policy's files.

One term a line; empty lines and lines that begin with ``#`` say nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gateway.document import Document
from gateway.errors import ConfigurationError, Place, Problem

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Never

__all__ = ["MOST_TERMS", "SUFFIX", "WordFile", "is_word_file", "read_words"]

SUFFIX: Final = ".words"
MOST_TERMS: Final = 20_000
"""Most terms of one list."""
_MAX_BYTES: Final = 4 * 2**20


@dataclass(frozen=True, slots=True)
class WordFile:
    """A file of terms, each with its place."""

    document: Document
    terms: tuple[tuple[Place, str], ...]


def is_word_file(file: Path) -> bool:
    """Whether a file of a policy's folder is a list of terms."""
    return file.suffix == SUFFIX


def read_words(file: Path) -> WordFile:
    """Reads a list of terms.

    Raises:
        ConfigurationError: The file cannot be read, is no UTF-8, or has too many terms.
    """
    path = str(file)
    try:
        with file.open("rb") as stream:
            raw = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        _refuse(Place(path), f"cannot be read: {error.strerror}", "check path and rights")
    if len(raw) > _MAX_BYTES:
        _refuse(Place(path), f"is larger than {_MAX_BYTES} bytes")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        _refuse(Place(path, line, 1), "is not UTF-8", "save it as UTF-8")
    lines = enumerate(text.split("\n"), 1)
    terms = tuple(
        (Place(path, number, len(line) - len(line.lstrip()) + 1), line.strip())
        for number, line in lines
        if line.strip() and not line.lstrip().startswith("#")
    )
    if len(terms) > MOST_TERMS:
        place = terms[MOST_TERMS][0]
        _refuse(place, f"has more than {MOST_TERMS} terms", "make several lists of it")
    return WordFile(Document(path, None, {}, text), terms)


def _refuse(place: Place, message: str, advice: str = "") -> Never:
    raise ConfigurationError(Problem(place, message, advice)) from None
