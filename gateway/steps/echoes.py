"""What an answer repeats of its own request: no answer, as far as it is repeated word for word.

OpenAI's responses say instructions, tools and metadata of the request again, in the answer and in
several events of a stream. What the client itself sent, and was read as a request, is not read as
an answer once more: it would be taken out of every answer, or block it. Its stand-ins are turned
back. What differs from what was sent, by as much as a letter, is an answer like any other.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gateway.scan.rewriting import rewrite
from gateway.steps.inspection import is_long
from gateway.wire.numbers import said_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gateway.scan.engine import Engine
    from gateway.scan.rewriting import Words
    from gateway.wire.exchange import Path, StreamEvent, Text

__all__ = ["Echoes", "echoes_of", "marked", "turned_back", "without_echoes"]

Echoes = frozenset[tuple["Path", str]]
"""Every text that an answer may repeat, with its place."""

_NONE: Echoes = frozenset()
_IN_EVENT = "response"


def echoes_of(body: Mapping[str, Any], keys: frozenset[str]) -> Echoes:
    """The texts of a request, as it goes out, in the members that its answer repeats."""
    found = [one for key in keys if key in body for one in _texts(body[key], (key,))]
    return frozenset(found) if found else _NONE


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    stack: list[tuple[Any, Path]] = [(value, path)]
    while stack:
        inner, at = stack.pop()
        if isinstance(inner, str):
            yield at, inner
        elif isinstance(inner, dict):
            yield from (((*at, key), key) for key in inner)
            stack += [(below, (*at, key)) for key, below in inner.items()]
        elif isinstance(inner, list):
            stack += [(below, (*at, index)) for index, below in enumerate(inner)]
        elif isinstance(inner, (int, float)) and (said := said_by(inner)) is not None:
            yield at, said


def without_echoes(texts: Sequence[Text], echoes: Echoes) -> tuple[Sequence[Text], Sequence[Text]]:
    """The texts of an answer that are its own, and those that are echoes."""
    if not echoes:
        return texts, ()
    own: list[Text] = []
    repeated: list[Text] = []
    for text in texts:
        (repeated if (text.path, text.value) in echoes else own).append(text)
    return own, [replace(text, provenance="echo") for text in repeated]


def marked(events: Iterable[StreamEvent], echoes: Echoes) -> list[StreamEvent]:
    """Events of a stream with their echoes marked."""
    return [_marked(event, echoes) for event in events]


def _marked(event: StreamEvent, echoes: Echoes) -> StreamEvent:
    if not any(delta.path[0] == _IN_EVENT for delta in event.deltas):
        return event
    deltas = [
        delta._replace(provenance="echo")
        if delta.path[0] == _IN_EVENT and (delta.path[1:], delta.text) in echoes
        else delta
        for delta in event.deltas
    ]
    return event._replace(deltas=tuple(deltas))


async def turned_back(
    engine: Engine, scanners: Sequence[str], echoes: Sequence[Text], words: Words
) -> dict[Path, str]:
    """New texts for those echoes in which stand-ins are turned back."""
    if not echoes or not engine.tokenises(scanners):
        return {}
    if is_long(echoes):
        return await asyncio.to_thread(_turned_back, engine, scanners, echoes, words)
    return _turned_back(engine, scanners, echoes, words)


def _turned_back(
    engine: Engine, scanners: Sequence[str], echoes: Sequence[Text], words: Words
) -> dict[Path, str]:
    found: dict[Path, str] = {}
    for text in echoes:
        scan = engine.scan(text.value, text.provenance, scanners, words)
        new = rewrite(text.value, scan.replacements, words) if scan.replacements else text.value
        if text.rewritable and new != text.value:
            found[text.path] = new
    return found
