"""The files of a policy: found, read, and checked against the schema one by one."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.document import Document, read, validate
from gateway.errors import ConfigurationError, Place, Problem
from gateway.policy.schema import PolicyFile
from gateway.policy.word_files import SUFFIX, WordFile, is_word_file, read_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Source", "digest_of", "documents_of", "find_files", "read_any", "read_sources"]


@dataclass(frozen=True, slots=True)
class Source:
    """One file of a policy, with the place of everything in it, and the lists beside it."""

    document: Document
    file: PolicyFile
    lists: Mapping[str, WordFile] = field(default_factory=dict)


def find_files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The policy files among ``paths``: files as they are, folders by their ``*.yaml``; sorted.

    The lists of terms beside them (``*.words``) are policy files, too.

    Raises:
        ConfigurationError: A path does not exist, or there is no policy file at all.
    """
    found: set[Path] = set()
    problems: list[Problem] = []
    for path in paths:
        if path.is_dir():
            found.update(_visible(path, "*.yaml"), _visible(path, f"*{SUFFIX}"))
            problems += [_unread(file) for file in sorted(_visible(path, "*.yml"))]
        elif path.exists():
            found.update({path}, _visible(path.parent, f"*{SUFFIX}"))
        else:
            problems.append(Problem(Place(str(path)), "there is no such file or folder"))
    if all(is_word_file(file) for file in found) and not problems:
        where = Place(", ".join(str(path) for path in paths) or "policy")
        problems.append(Problem(where, "holds no policy file", "policy files end in .yaml"))
    if problems:
        raise ConfigurationError(problems)
    return tuple(sorted(found))


def _visible(folder: Path, pattern: str) -> set[Path]:
    # Editors keep locks and swap files under hidden names.
    return {file for file in folder.glob(pattern) if not file.name.startswith(".")}


def _unread(file: Path) -> Problem:
    return Problem(Place(str(file)), "would not be read", "policy files end in .yaml: rename it")


def read_sources(files: Sequence[Path]) -> tuple[Source, ...]:
    """Reads files and checks each against the schema; lists go to the files beside them.

    Raises:
        ConfigurationError: With every problem of every file.
    """
    sources: list[Source] = []
    problems: list[Problem] = []
    lists: dict[Path, dict[str, WordFile]] = {}
    for file in sorted(files, key=lambda file: not is_word_file(file)):
        beside = lists.setdefault(file.parent, {})
        try:
            if is_word_file(file):
                beside[file.name] = read_words(file)
            else:
                document = read(file)
                sources.append(Source(document, validate(PolicyFile, document), beside))
        except ConfigurationError as error:
            problems += error.problems
    if problems:
        raise ConfigurationError(problems)
    return tuple(sources)


def documents_of(sources: Iterable[Source]) -> tuple[Document, ...]:
    """The files themselves: those with rules, then the lists beside them, each once."""
    all_of = [*sources]
    lists = {id(one): one.document for source in all_of for one in source.lists.values()}
    return (*(source.document for source in all_of), *lists.values())


def read_any(file: Path) -> Document:
    """Reads a file of a policy, whichever kind it is.

    Raises:
        ConfigurationError: It cannot be read.
    """
    return read_words(file).document if is_word_file(file) else read(file)


def digest_of(documents: Iterable[Document]) -> str:
    """SHA-256 over the names and bytes of the files, each with its length before it, in hex."""
    digest = hashlib.sha256()
    parts = ((os.fsencode(Path(doc.file).name), doc.text.encode()) for doc in documents)
    for part in (part for pair in sorted(parts) for part in pair):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
