"""Reading what a request asks for, in the words of every format.

A format says in a ``Vocabulary`` which members of its body name which parameters; all else is
shared. What the walk over the texts has found (parts, members that no shape knows) is taken from
it, so that the body is walked once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from gateway.terms import Parameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.errors import Refusal
    from gateway.terms import Value
    from gateway.wire.exchange import Path, Text
    from gateway.wire.leaves import Finder

__all__ = [
    "Asked",
    "Reader",
    "Vocabulary",
    "listed",
    "number",
    "read_parameters",
    "whole",
    "within",
    "word",
]

_MEASURED: Final = frozenset({"messages", "message_chars", "prompt_chars", "tainted"})
_UNTRUSTED: Final = frozenset({"tool", "document", "unknown"})
_COUNTED: Final = ("images", "audio", "files")


class Asked:
    """What a body has been found to ask for so far.

    Attributes:
        body: The body itself.
        values: Per parameter its values: the format's defaults, until the body says otherwise.
        stated: The parameters that the body names.
        foreign: Those that it names in words which the format does not know.
        chosen: Names of tools that a choice of tools speaks of.
        inside: Where the object stands whose members are read; paths given here go on from it.
        fetches: Whether a tool is offered that puts into the context what no body shows.
    """

    __slots__ = ("_found", "body", "chosen", "fetches", "foreign", "inside", "stated", "values")

    def __init__(
        self,
        body: Mapping[str, Any],
        found: Finder,
        defaults: Mapping[str, tuple[Value, ...]],
    ) -> None:
        self._found = found
        self.body = body
        self.values: dict[str, Sequence[Value]] = dict(defaults)
        self.stated: set[str] = set()
        self.foreign = found.foreign
        self.chosen: list[str] = []
        self.inside: Path = ()
        self.fetches = False

    def say(self, word: str, *values: Value) -> None:
        """The body gives a parameter these values, beside those it has given it before."""
        before = self.values.get(word, ()) if word in self.stated else ()
        self.stated.add(word)
        if isinstance(before, list):
            # A list of a hundred thousand tools is said one by one.
            before += values
        else:
            self.values[word] = [*before, *values]

    def say_unknown(self, word: str) -> None:
        """The body gives a parameter a value that the format does not know."""
        self.say(word)
        self.foreign.add(word)

    def wrong(self, path: Path, wanted: str) -> Refusal:
        """The error for a value of the wrong type."""
        return self._found.wrong((*self.inside, *path), wanted)

    def name(self, value: Any, path: Path) -> str:
        """A value that must be a name.

        Raises:
            BadRequest: It is none.
        """
        if isinstance(value, str) and value:
            return value
        raise self.wrong(path, "a name")

    def whole(self, value: Any, path: Path) -> int:
        """A value that must be a whole number, and not less than 0.

        Raises:
            BadRequest: It is none.
        """
        if type(value) is int and value >= 0:
            return value
        raise self.wrong(path, "a whole number, and not less than 0")

    def member(self, value: Any, path: Path) -> dict[str, Any]:
        """A value that must be an object.

        Raises:
            BadRequest: It is none.
        """
        if isinstance(value, dict):
            return value
        raise self.wrong(path, "an object")


Reader = Callable[[Asked, str, Any], None]
"""Reads one member of a body: its key, and its value, which is not null."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How one format says the parameters.

    Attributes:
        readers: Members of the body that name parameters.
        defaults: What each parameter is where the body leaves it out.
        system_roles: Roles whose messages are system texts.
        system_keys: Members that are system texts themselves.
        messages_key: The member that holds what is asked, as a list or as one text; None where no
            member of a fixed name does.
        messages_type: What that member must be, in words; None where it may be left out.
        apart: Whether nobody reads its texts together: a vector is made of each.
        streams_unasked: Whether the answer is a stream where the body does not say.
        inexpressible: Parameters that no member names.
        close: Called when every member has been read: defaults that follow from others.
    """

    readers: Mapping[str, Reader]
    defaults: Mapping[str, tuple[Value, ...]]
    system_roles: frozenset[str]
    system_keys: frozenset[str] = frozenset()
    messages_key: str | None = "messages"
    messages_type: str | None = "a list"
    apart: bool = False
    streams_unasked: bool = False
    inexpressible: frozenset[str] = frozenset()
    close: Callable[[Asked], None] | None = None


def read_parameters(
    body: Mapping[str, Any], found: Finder, vocabulary: Vocabulary, *, stream: bool
) -> Parameters:
    """What a body asks for, after the walk that has found its texts.

    Raises:
        BadRequest: A parameter has the wrong type, or lies where no value of it can.
    """
    asked = Asked(body, found, vocabulary.defaults)
    for key, value in body.items():
        if value is not None and (reader := vocabulary.readers.get(key)) is not None:
            reader(asked, key, value)
    if stream or body.get("stream") is not None:
        asked.say("stream", stream)
    _close_tools(asked)
    if vocabulary.close is not None:
        vocabulary.close(asked)
    for what in _COUNTED if found.counts else ():
        _add_parts(asked, what, found.counts.get(what, 0))
    _measure(asked, found.whole(), vocabulary, unread=any(found.counts.values()))
    return Parameters(
        MappingProxyType({word: tuple(values) for word, values in asked.values.items()}),
        _MEASURED.union(asked.stated),
        frozenset(asked.foreign),
        vocabulary.inexpressible,
    )


def _close_tools(asked: Asked) -> None:
    """A tool that is chosen and defined nowhere is one more; what is left out is chosen by it."""
    values = asked.values
    if asked.chosen:
        known = frozenset(values["tools"])
        strange = dict.fromkeys(name for name in asked.chosen if name not in known)
        asked.say("tools", *strange)
    if "tool_choice" not in asked.stated and values["tools"]:
        values["tool_choice"] = ("auto",)


def _add_parts(asked: Asked, what: str, count: int) -> None:
    if count:
        asked.values[what] = (sum(map(int, asked.values[what])) + count,)
        asked.stated.add(what)


def _measure(asked: Asked, texts: Iterable[Text], vocabulary: Vocabulary, *, unread: bool) -> None:
    messages_key = vocabulary.messages_key
    messages = _messages(asked.body, messages_key)
    first: list[str] = []
    later: list[str] = []
    total = longest = size = 0
    at: Any = None
    # Nobody reads what is in a picture or a file.
    speaks, untrusted = False, unread
    for text in texts:
        length = len(text.value)
        if not untrusted and length and text.provenance in _UNTRUSTED:
            untrusted = True
        total += length
        path = text.path
        if path[0] == messages_key:
            index = path[1] if len(path) > 1 and type(path[1]) is int else 0
            if index != at:
                at, size = index, 0
                speaks = _role(messages[at]) in vocabulary.system_roles
            size += length
            longest = max(longest, size)
            if speaks and length:
                later.append(text.value)
        elif path[0] in vocabulary.system_keys and length:
            first.append(text.value)
    values = asked.values
    values["messages"] = (len(messages),)
    values["message_chars"] = (total if messages_key is None else longest,)
    values["prompt_chars"] = (total,)
    values["tainted"] = (asked.fetches or untrusted,)
    if first or later:
        asked.say("system", *first, *later)


def _messages(body: Mapping[str, Any], key: str | None) -> Sequence[Any]:
    """What is asked, message by message; a body that is no conversation is one message."""
    found = None if key is None else body.get(key)
    if isinstance(found, list):
        return found
    return () if key is not None and found is None else (found,)


def _role(message: Any) -> str | None:
    role = message.get("role") if isinstance(message, dict) else None
    return role if isinstance(role, str) else None


def number(word: str) -> Reader:
    """A member that gives a parameter a number."""

    def read(asked: Asked, key: str, value: Any) -> None:
        if type(value) not in {int, float} or not 0 <= value < inf:
            raise asked.wrong((key,), "a number, and not less than 0")
        asked.say(word, value)

    return read


def whole(word: str) -> Reader:
    """A member that gives a parameter a whole number."""

    def read(asked: Asked, key: str, value: Any) -> None:
        asked.say(word, asked.whole(value, (key,)))

    return read


def word(parameter: str) -> Reader:
    """A member that gives a parameter a word."""

    def read(asked: Asked, key: str, value: Any) -> None:
        if not isinstance(value, str):
            raise asked.wrong((key,), "a string")
        asked.say(parameter, value)

    return read


def within(readers: Mapping[str, Reader]) -> Reader:
    """A member whose own members name parameters."""

    def read(asked: Asked, key: str, value: Any) -> None:
        members = asked.member(value, (key,))
        outside = asked.inside
        asked.inside = (*outside, key)
        for name, inner in members.items():
            if inner is not None and (reader := readers.get(name)) is not None:
                reader(asked, name, inner)
        asked.inside = outside

    return read


def listed(asked: Asked, value: Any, path: Path) -> list[dict[str, Any]]:
    """The objects of a list.

    Raises:
        BadRequest: It is no list of objects.
    """
    if not isinstance(value, list):
        raise asked.wrong(path, "a list")
    return [asked.member(item, (*path, index)) for index, item in enumerate(value)]
