"""YAML files with places: what settings and policy files are read with.

YAML 1.2 core schema, and less: no anchors, aliases, tags, merge keys, duplicate keys or several
documents, so that a file means what it looks like. Every value remembers its line and column, and
every problem is reported with them, all at once.
"""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from gateway.errors import ConfigurationError, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Document", "Loc", "read", "read_text", "suggestion", "validate"]

Loc = tuple[str | int, ...]
"""The way to a value: keys of mappings and indices of sequences."""

_MAX_BYTES: Final = 4 * 2**20
_MAX_DEPTH: Final = 32
_INTEGER: Final = re.compile(r"[-+]?[0-9]+", re.ASCII)
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_CONSTANTS: Final[dict[str, Any]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}

_WORDS: Final = {
    "dict_type": "must be a mapping of keys to values",
    "list_type": "must be a list",
    "model_type": "must be a mapping of keys to values",
    "string_too_short": "must not be empty",
    "string_type": "must be text; quote it",
    "too_short": "must not be empty",
    "tuple_type": "must be a list",
}

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Document:
    """One file: its value, and the place of every value and key in it."""

    file: str
    value: Any
    places: Mapping[Loc, Place]
    text: str

    def place(self, loc: Loc) -> Place:
        """The place of a value, or of the nearest one around it."""
        while loc:
            if loc in self.places:
                return self.places[loc]
            loc = loc[:-1]
        return self.places.get((), Place(self.file))


def read(path: str | Path) -> Document:
    """Reads one YAML file.

    Raises:
        ConfigurationError: The file cannot be read or is not the YAML described above.
    """
    try:
        with Path(path).open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(
            Problem(Place(str(path)), f"cannot be read: {error.strerror}", "check path and rights")
        ) from error
    if len(raw) > _MAX_BYTES:
        raise ConfigurationError(Problem(Place(str(path)), f"is larger than {_MAX_BYTES} bytes"))
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(
            Problem(Place(str(path), line, 1), "is not UTF-8", "save it as UTF-8")
        ) from error
    return read_text(text, str(path))


def read_text(text: str, file: str) -> Document:
    """Reads YAML text that goes by the name of ``file``.

    Raises:
        ConfigurationError: The text is not the YAML described above.
    """
    try:
        return _Reader(file).read(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
        message = " ".join(part for part in (error.context, error.problem) if part)
        raise ConfigurationError(Problem(place, f"not valid YAML: {message}")) from error
    except YAMLError as error:
        detail = str(error).splitlines()[0]
        raise ConfigurationError(Problem(Place(file), f"not valid YAML: {detail}")) from error
    except (ValueError, OverflowError) as error:
        # The parser turns escapes and version numbers into numbers without a look at their size.
        message = "not valid YAML: an escape or a version number is out of range"
        raise ConfigurationError(Problem(Place(file), message)) from error


class _Reader:
    """Builds one document from the parser's events."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[Loc, Place] = {}
        self.problems: list[Problem] = []

    def read(self, text: str) -> Document:
        events: Iterator[Event] = iter(YAML(typ="safe", pure=True).parse(text))
        value: Any = None
        documents = 0
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._problem(event, "a second document starts here", "keep one per file")
                    break
            elif isinstance(event, (ScalarEvent, MappingStartEvent, SequenceStartEvent)):
                value = self._value(event, events, ())
            elif isinstance(event, AliasEvent):
                self._alias(event)
        if self.problems:
            raise ConfigurationError(self.problems)
        return Document(self.file, value, self.places, text)

    def _value(self, event: Event, events: Iterator[Event], loc: Loc) -> Any:
        self.places.setdefault(loc, self._place(event))
        if len(loc) > _MAX_DEPTH:
            self._problem(event, f"nested deeper than {_MAX_DEPTH} levels")
            raise ConfigurationError(self.problems)
        if isinstance(event, AliasEvent):
            self._alias(event)
            return None
        if getattr(event, "anchor", None) is not None:
            self._problem(event, "anchors are not allowed", "write the value out")
        if getattr(event, "tag", None) is not None:
            self._problem(event, "tags are not allowed", "quote the value if it is text")
        if isinstance(event, MappingStartEvent):
            return self._mapping(events, loc)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(events, loc)
        return _scalar(event)

    def _mapping(self, events: Iterator[Any], loc: Loc) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            key = event.value if isinstance(event, ScalarEvent) else None
            if key is None or key == "<<":
                self._problem(event, "a key must be plain text", "write the keys out")
                raise ConfigurationError(self.problems)
            if event.anchor is not None or event.tag is not None:
                self._problem(event, "anchors and tags are not allowed", "write the key out")
            if key in mapping:
                self._problem(event, f"the key {key!r} stands twice", "remove one of them")
            self.places[(*loc, key)] = self._place(event)
            mapping[key] = self._value(next(events), events, (*loc, key))
        return mapping

    def _sequence(self, events: Iterator[Event], loc: Loc) -> list[Any]:
        sequence: list[Any] = []
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            sequence.append(self._value(event, events, (*loc, len(sequence))))
        return sequence

    def _alias(self, event: Event) -> None:
        self._problem(event, "aliases are not allowed", "write the value out")

    def _place(self, event: Event) -> Place:
        mark = event.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)

    def _problem(self, event: Event, message: str, advice: str = "") -> None:
        self.problems.append(Problem(self._place(event), message, advice))


def _scalar(event: Any) -> Any:
    text = event.value
    if event.style is not None:
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text) and len(text) <= 20:
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text


def validate(
    model: type[Model], document: Document, context: Mapping[str, Any] | None = None
) -> Model:
    """Checks a document against its schema; ``context`` reaches the schema's validators.

    Raises:
        ConfigurationError: With every problem, each at its place, misspelt keys with the key that
            was probably meant.
    """
    value = {} if document.value is None else document.value
    try:
        return model.model_validate(value, context=context)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=True)
        problems = [
            _problem(document, model, detail)
            for detail in details
            if not _is_shadow(detail, details)
        ]
        problems.sort(key=lambda problem: (problem.place.line, problem.place.column))
        raise ConfigurationError(problems) from None


def suggestion(word: str, known: Mapping[str, object] | list[str] | tuple[str, ...]) -> str:
    """``did you mean …?`` for a misspelt word, or what there is to choose from."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known are {', '.join(sorted(known))}" if known else ""


def _is_shadow(detail: Any, details: Sequence[Any]) -> bool:
    """Whether a list only counts as too short because pydantic left its wrong items out."""
    depth = len(detail["loc"])
    return detail["type"] == "too_short" and any(
        other["loc"][:depth] == detail["loc"] and len(other["loc"]) > depth for other in details
    )


def _problem(document: Document, model: type[BaseModel], detail: Any) -> Problem:
    kind = detail["type"]
    # Steps in brackets are no keys: "[key]" is the key itself, others are branches of a union.
    loc = tuple(part for part in detail["loc"] if not str(part).startswith("["))
    place, key = document.place(loc), str(loc[-1]) if loc else "the file"
    if kind == "extra_forbidden":
        known = _known_keys(model, loc[:-1])
        return Problem(place, f"unknown key {key!r}", suggestion(key, known))
    if kind == "missing":
        return Problem(place, f"the key {key!r} is missing", "add it")
    where = _dotted(loc)
    if kind == "value_error":
        return Problem(place, f"{where}: {detail['ctx']['error']}")
    message = _WORDS.get(kind, f"{detail['msg'][:1].lower()}{detail['msg'][1:]}")
    return Problem(place, f"{where}: {message}")


def _dotted(loc: Loc) -> str:
    return ".".join(str(part) for part in loc) or "the file"


def _known_keys(model: type[BaseModel], loc: Loc) -> list[str]:
    """The keys that the schema knows at a place, found by walking the models' annotations.

    Fields that a schema excludes are keys that it names only to refuse them.
    """
    models = [model]
    for part in loc:
        annotations = [
            field.annotation
            for model in models
            for name, field in model.model_fields.items()
            if part in (field.alias, name)
        ]
        if annotations:
            models = [found for annotation in annotations for found in _models_in(annotation)]
    return [
        field.alias or name
        for model in models
        for name, field in model.model_fields.items()
        if not field.exclude
    ]


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]
