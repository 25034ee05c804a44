"""Bodies made from the types of a provider's SDK, with a mark in every string that is free.

A type is a ``TypedDict``, a pydantic model or what they are made of. What a type leaves open (a
variant of a union, a word of a ``Literal``, the members that may be missing, the length of a list)
a ``Choice`` decides: everything in turn, or as hypothesis draws it.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, Protocol, Union, get_args, get_origin

import typing_extensions
from hypothesis import strategies as st
from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Choice", "Filled", "InTurn", "all_bodies", "body_of", "drawn_body"]

_WRAPPERS: tuple[Any, ...] = (
    typing.Annotated,
    typing.Required,
    typing.NotRequired,
    typing_extensions.Required,
    typing_extensions.NotRequired,
    typing_extensions.ReadOnly,
)
_NEEDED: tuple[Any, ...] = (typing.Required, typing_extensions.Required)
_LISTS: tuple[Any, ...] = (list, tuple, set, Iterable, Sequence, AbstractSet)
_UNIONS: tuple[Any, ...] = (Union, types.UnionType)
_FREE = (str, object, Any, datetime, date)
_ONLY_IN_PYTHON = frozenset(("NoneType", "IO", "Path", "PathLike", "bytes", "BufferedReader"))
_DEEPEST = 2
_MOST_BODIES = 1000


class Choice(Protocol):
    """Decides what a type leaves open; ``site`` is the member that it is open at."""

    def one(self, site: str, options: Sequence[Any]) -> Any:
        """One of some options; what is asked until ``leave`` is asked inside of it."""

    def leave(self) -> None:
        """The option chosen last is filled."""

    def some(self, site: str, options: Sequence[Any]) -> Sequence[Any]:
        """The items of a list, by their options."""

    def present(self) -> bool:
        """Whether a member that may be missing is there."""


class InTurn:
    """Every option at every site, one after the other; nothing is missing."""

    def __init__(self) -> None:
        # Two types of one name may have other options: a site is what it is called and they.
        self._left: dict[tuple[Any, ...], list[Any]] = {}
        self._inside: dict[tuple[Any, ...], set[tuple[Any, ...]]] = {}
        self._stack: list[tuple[Any, ...]] = []

    def one(self, site: str, options: Sequence[Any]) -> Any:
        here = (site, *options)
        left = self._left.setdefault(here, [*options])
        if left:
            chosen = left.pop(0)
        else:
            chosen = next((one for one in options if self._has_more(here, one)), options[0])
        for outer in self._stack:
            self._inside.setdefault(outer, set()).add(here)
        self._stack.append((*here, chosen))
        return chosen

    def leave(self) -> None:
        self._stack.pop()

    def some(self, site: str, options: Sequence[Any]) -> Sequence[Any]:
        return options

    def present(self) -> bool:
        return True

    @property
    def done(self) -> bool:
        """Whether every option was taken."""
        return not any(self._left.values())

    def _has_more(self, here: tuple[Any, ...], option: Any) -> bool:
        return any(self._left[inner] for inner in self._inside.get((*here, option), ()))


@dataclass(frozen=True)
class _Drawn:
    data: st.DataObject

    def one(self, site: str, options: Sequence[Any]) -> Any:
        return options[self.data.draw(st.integers(0, len(options) - 1))]

    def leave(self) -> None:
        pass

    def some(self, site: str, options: Sequence[Any]) -> Sequence[Any]:
        most = 2 if options else 0
        return [self.one(site, options) for _ in range(self.data.draw(st.integers(0, most)))]

    def present(self) -> bool:
        return self.data.draw(st.integers(0, 3)) > 0


@dataclass
class Filled:
    """A body, and where each of its marks stands: mark to ``Type.member``."""

    body: Any = None
    marks: dict[str, str] = field(default_factory=dict)


def all_bodies(
    annotation: Any, spelling: str, rename: Callable[[str], str] = str
) -> Iterable[Filled]:
    """Bodies of a type in which every variant of every union of it occurs.

    Args:
        annotation: The type.
        spelling: How a mark looks; ``{}`` in it is replaced by its number.
        rename: What a member is called in JSON, where the SDK translates names.
    """
    choice = InTurn()
    for _ in range(_MOST_BODIES):
        yield body_of(annotation, spelling, choice, rename)
        if choice.done:
            return
    raise AssertionError("a variant that is never reached")


def drawn_body(
    data: st.DataObject, annotation: Any, spelling: str, rename: Callable[[str], str] = str
) -> Filled:
    """A body of a type as hypothesis draws it."""
    return body_of(annotation, spelling, _Drawn(data), rename)


def body_of(
    annotation: Any, spelling: str, choice: Choice, rename: Callable[[str], str] = str
) -> Filled:
    """One body of a type."""
    filled = Filled()
    filled.body = _Filler(filled.marks, spelling, choice, rename).fill(annotation, "", ())
    return filled


@dataclass
class _Filler:
    marks: dict[str, str]
    spelling: str
    choice: Choice
    rename: Callable[[str], str]

    def fill(self, annotation: Any, site: str, above: tuple[Any, ...]) -> Any:
        annotation = _unwrapped(annotation)
        origin = get_origin(annotation)
        if _is_record(annotation):
            return self._record(annotation, above)
        if origin in _UNIONS or origin is Literal:
            return self._one_of(_options(annotation, above), site, above)
        if isinstance(annotation, type) and issubclass(annotation, Enum):
            return self._one_of([_Word(one.value) for one in annotation], site, above)
        if origin in _LISTS:
            options = _options(get_args(annotation)[0], above)
            chosen = self.choice.some(site, options)
            return [self._one_of([option], site, above) for option in chosen]
        if origin is not None and issubclass(origin, Mapping):
            options = _options(get_args(annotation)[1], above)
            return options and {self._mark(f"{site} key"): self._one_of(options, site, above)}
        return self._leaf(annotation, site)

    def _record(self, kind: Any, above: tuple[Any, ...]) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for name, (hint, needed) in _members(kind).items():
            site = f"{kind.__name__}.{name}"
            if needed or self.choice.present():
                members[self.rename(name)] = self.fill(hint, site, (*above, kind))
        return members

    def _one_of(self, options: Sequence[Any], site: str, above: tuple[Any, ...]) -> Any:
        if not options:
            return None
        if len(options) == 1:
            return self._filled(options[0], site, above)
        value = self._filled(self.choice.one(site, options), site, above)
        self.choice.leave()
        return value

    def _filled(self, option: Any, site: str, above: tuple[Any, ...]) -> Any:
        return option.value if isinstance(option, _Word) else self.fill(option, site, above)

    def _leaf(self, annotation: Any, site: str) -> Any:
        if annotation is bool:
            return True
        if annotation in {int, float}:
            return 7
        if annotation in {dict, Mapping}:
            return {self._mark(f"{site} key"): self._mark(site)}
        if annotation is list:
            return [self._mark(site)]
        assert annotation in _FREE, f"{site}: no body can be made of {annotation!r}"
        return self._mark(site)

    def _mark(self, site: str) -> str:
        mark = self.spelling.format(f"{len(self.marks):06d}")
        self.marks[mark] = site
        return mark


@dataclass(frozen=True)
class _Word:
    """A value of a ``Literal``."""

    value: Any


@lru_cache(4096)
def _members(kind: Any) -> Mapping[str, tuple[Any, bool]]:
    """The members of a record by their names in JSON: type, and whether it must be there."""
    if issubclass(kind, BaseModel):
        return {
            info.alias or name: (info.annotation, info.is_required())
            for name, info in kind.model_fields.items()
        }
    hints = typing_extensions.get_type_hints(kind, include_extras=True)
    # What the class itself says of its required members is wrong where annotations are strings.
    return {
        name: (hint, get_origin(hint) in _NEEDED or kind.__total__) for name, hint in hints.items()
    }


def _unwrapped(annotation: Any) -> Any:
    while True:
        if get_origin(annotation) in _WRAPPERS:
            annotation = get_args(annotation)[0]
        elif isinstance(annotation, typing_extensions.TypeAliasType):
            annotation = annotation.__value__
        else:
            return annotation


def _is_record(annotation: Any) -> bool:
    return typing_extensions.is_typeddict(annotation) or (
        isinstance(annotation, type) and issubclass(annotation, BaseModel)
    )


def _options(annotation: Any, above: tuple[Any, ...]) -> Sequence[Any]:
    """The variants of a type that JSON can hold; a free string stands for the words it may be."""
    annotation = _unwrapped(annotation)
    origin = get_origin(annotation)
    if origin is Literal:
        return [_Word(value) for value in get_args(annotation)]
    if origin not in _UNIONS:
        return [annotation] if above.count(annotation) < _DEEPEST else []
    found: list[Any] = []
    for one in get_args(annotation):
        found += [option for option in _options(one, above) if option not in found]
    if str in found:
        found = [option for option in found if not isinstance(option, _Word)]
    return [option for option in found if not _is_only_in_python(option)]


def _is_only_in_python(option: Any) -> bool:
    return getattr(get_origin(option) or option, "__name__", "") in _ONLY_IN_PYTHON
