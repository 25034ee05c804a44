"""What there is to know of how an API streams an answer, and what a client reads of it."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from examples import ask, path_of
from naive_sse import dispatched

from gateway.demo.apis import api_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gateway.demo.reply import DemoReply
    from gateway.wire.formats import Route

__all__ = ["Dialect", "Event", "Told", "free", "never", "token"]

Event = dict[str, Any]


@dataclass
class Told:
    """What a stream told its client.

    Attributes:
        texts: Every running text by its name.
        json: The names of those that spell JSON.
        objects: Of these, the names of those that come as objects, and are spelt here alone.
        leaves: All strings at one place, joined, whatever they mean; numbers of bytes as text too.
        finish: How the answers ended, in the API's words.
        usage: Counts of tokens, in the order in which they came.
        error: Whether the stream says that something failed.
        calls: How many tools were called, where their calls have no name of their own.
    """

    texts: defaultdict[str, str] = field(default_factory=lambda: defaultdict(str))
    json: set[str] = field(default_factory=set)
    objects: set[str] = field(default_factory=set)
    leaves: defaultdict[str, str] = field(default_factory=lambda: defaultdict(str))
    finish: list[str] = field(default_factory=list)
    usage: list[Any] = field(default_factory=list)
    error: bool = False
    calls: int = 0

    def say(self, name: str, piece: str | None) -> None:
        if piece:
            self.texts[name] += piece

    def spell(self, name: str, piece: str | None) -> None:
        self.json.add(name)
        self.say(name, piece)

    def end(self, word: str | None) -> None:
        if word:
            self.finish.append(word)


@dataclass(frozen=True)
class Dialect:
    """One API's streams.

    Attributes:
        hear: Notes what an event tells.
        opens: Whether an event is one with which a stream begins.
        ends: Whether an event belongs to the end of a stream.
        shift: Makes an event one of another answer, or of another part of it.
        measure: Adds log probabilities, which spell an event's text again.
        last: What follows the events.
        line: How an event is framed, its data aside.
        stopped: The word for a blocked answer.
    """

    hear: Callable[[Event, Told], None]
    opens: Callable[[Event], bool]
    ends: Callable[[Event], bool]
    shift: Callable[[Event, int, int], Event]
    measure: Callable[[Event], Event]
    stopped: str
    last: bytes = b""
    lines: bool = False
    named: bool = False

    def events(self, route: Route, reply: DemoReply) -> list[Event]:
        """The events of a reply as the demo model streams them."""
        path = path_of(route)
        api = api_of(path.partition("?")[0])
        assert api is not None
        asked = api.read(ask(route, stream=True), path, {})
        request = replace(asked, choices=1, stream_usage=True, stream=True, body=asked.body)
        return list(self.parsed(b"".join(api.events(request, reply, 1))))

    def parsed(self, stream: bytes) -> Iterable[Event]:
        """The events of a stream of bytes; all of them have to be JSON, but for an end marker."""
        if self.lines:
            found = [line for line in stream.split(b"\n") if line]
        else:
            found = [data for _, data in dispatched(stream) if data != b"[DONE]"]
        return map(json.loads, found)

    def interleaved(self, voices: Sequence[Sequence[Event]], order: Iterable[int]) -> list[Event]:
        """One stream of several: each keeps its order, and ``order`` says who goes on."""
        shifted = [
            [self.shift(event, number, len(voices)) for event in voice]
            for number, voice in enumerate(voices)
        ]
        middle = [[e for e in one if not (self.opens(e) or self.ends(e))] for one in shifted]
        mixed: list[Event] = []
        turns = iter(order)
        while left := [one for one in middle if one]:
            mixed.append(left[next(turns, 0) % len(left)].pop(0))
        opening = [event for event in shifted[0] if self.opens(event)]
        return [*opening, *mixed, *(event for event in shifted[-1] if self.ends(event))]

    def framed(self, event: Event, spelt: str, end: str = "\n") -> bytes:
        """An event as bytes, its JSON spelt in some way."""
        if self.lines:
            return spelt.encode() + b"\n"
        name = f"event: {event['type']}{end}" if self.named else ""
        return f"{name}data: {spelt}{end}{end}".encode()

    def told(self, stream: bytes) -> Told:
        """What a client reads."""
        told = Told()
        for event in self.parsed(stream):
            told.error = told.error or bool(event.get("error"))
            self.hear(event, told)
            _gather(event, "", told)
        return told


def _gather(value: Any, place: str, told: Told) -> None:
    if isinstance(value, str):
        told.leaves[place] += value
    elif isinstance(value, dict):
        for key, inner in value.items():
            _gather(inner, f"{place}/{key}", told)
    elif isinstance(value, list):
        if value and all(type(one) is int and 0 <= one < 256 for one in value):
            told.leaves[place] += bytes(value).decode(errors="replace")
        for index, inner in enumerate(value):
            # Tokens of one text stand side by side.
            _gather(inner, place if "logprobs" in place.lower() else f"{place}/{index}", told)


def free(value: Any, name: str, told: Told) -> None:
    """Free JSON, whole in one event."""
    told.objects.add(name)
    told.spell(name, json.dumps(value, ensure_ascii=False))


def never(_: Event) -> bool:
    return False


def token(piece: str) -> dict[str, Any]:
    return {"token": piece, "logprob": -0.5, "bytes": list(piece.encode())}
