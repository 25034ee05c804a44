"""What went out of a streamed response, and how it ends where no more of it may go out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from gateway.wire.whole import is_plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["SentAnswer", "withheld"]

_KEPT: Final = (
    *("id", "object", "created_at", "model", "previous_response_id", "conversation", "store"),
    *("max_output_tokens", "parallel_tool_calls", "temperature", "top_p", "reasoning"),
    *("service_tier", "truncation", "usage"),
)
_BLANK: Final[Mapping[str, Any]] = {
    "id": "resp_withheld",
    "object": "response",
    "created_at": 0,
    "model": "",
    "error": None,
    "instructions": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "tool_choice": "auto",
    "tools": [],
    "usage": None,
}
_STOPPED: Final[Mapping[str, Any]] = {
    "status": "incomplete",
    "incomplete_details": {"reason": "content_filter"},
    "output": [],
}
_MEMBERS: Final = {"output_text": "text", "reasoning_text": "text", "refusal": "refusal"}
_PIECES: Final = frozenset(f"response.{part}.delta" for part in _MEMBERS)
_WHOLES: Final = frozenset(f"response.{part}.done" for part in _MEMBERS)
_LIFE: Final = frozenset({"response.created", "response.queued", "response.in_progress"})


def withheld(answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer without its texts that says that its content was filtered; built anew."""
    return {**_head(answer), **_STOPPED}


def _head(answer: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: answer[key] for key in _KEPT if key in answer and is_plain(answer[key])}
    return {**_BLANK, **kept}


@dataclass(slots=True)
class _Part:
    """A part of an item that was begun and is not closed.

    Attributes:
        said: The part as it was last said.
        pieces: What came of its text after that.
        whole: Whether its text was said whole.
    """

    said: dict[str, Any]
    pieces: list[str] = field(default_factory=list)
    whole: bool = False

    @property
    def member(self) -> str:
        """The member that is its text; empty where it has none."""
        return _MEMBERS.get(self.said["type"], "")

    def complete(self) -> dict[str, Any]:
        """The part with all that came of it."""
        if not self.pieces or not self.member:
            return self.said
        text = (self.said.get(self.member) or "") + "".join(self.pieces)
        return {**self.said, self.member: text}


@dataclass(slots=True)
class _Item:
    """An item that was begun and is not done: as it was begun, and its parts by their index."""

    said: dict[str, Any]
    open: dict[int, _Part] = field(default_factory=dict)
    closed: dict[int, dict[str, Any]] = field(default_factory=dict)

    def note(self, kind: str, data: dict[str, Any]) -> None:
        """An event that speaks of one of its parts goes out."""
        index = data.get("content_index")
        if type(index) is not int:
            return
        part = self.open.get(index)
        if kind == "response.content_part.added" and isinstance(data.get("part"), dict):
            self.open[index] = _Part(data["part"])
        elif kind == "response.content_part.done" and isinstance(data.get("part"), dict):
            self.open.pop(index, None)
            self.closed[index] = data["part"]
        elif part is not None and kind in _PIECES:
            part.pieces.append(data.get("delta") or "")
        elif part is not None and kind in _WHOLES and isinstance(data.get(part.member), str):
            part.said, part.pieces = {**part.said, part.member: data[part.member]}, []
            part.whole = True


class SentAnswer:
    """Notes the events that go out, as they go out."""

    __slots__ = ("_begun", "_items", "_next", "_response")

    def __init__(self) -> None:
        self._response: dict[str, Any] | None = None
        self._items: dict[int, dict[str, Any]] = {}
        self._begun: dict[int, _Item] = {}
        self._next = 0

    def note(self, data: dict[str, Any]) -> None:
        """One more event goes out."""
        number = data.get("sequence_number")
        if type(number) is int:
            self._next = max(self._next, number + 1)
        kind, index = data["type"], data.get("output_index", -1)
        if kind in _LIFE:
            self._response = data.get("response") or self._response
        elif kind == "response.output_item.added" and isinstance(data.get("item"), dict):
            self._begun[index] = _Item(data["item"])
        elif kind == "response.output_item.done" and isinstance(data.get("item"), dict):
            self._begun.pop(index, None)
            self._items[index] = data["item"]
        elif index in self._begun:
            self._begun[index].note(kind, data)

    def numbered(self, kind: str, **members: Any) -> dict[str, Any]:
        """An event of ours that comes next."""
        event = {"type": kind, "sequence_number": self._next, **members}
        self._next += 1
        return event

    def ending(self, known: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The events that end what went out; they hold nothing that did not.

        Args:
            known: The answer as it came in, for its ids where none went out.
        """
        if self._response is None:
            self._response = _head(known)
            begun = {**self._response, "status": "in_progress", "output": []}
            yield self.numbered("response.created", response=begun)
        for index, item in self._begun.items():
            yield from self._close(index, item)
        output = [self._items[index] for index in sorted(self._items)]
        response = {**withheld(self._response), "output": output}
        yield self.numbered("response.incomplete", response=response)

    def _close(self, index: int, item: _Item) -> Iterator[dict[str, Any]]:
        at = {"item_id": item.said.get("id"), "output_index": index}
        for number, part in item.open.items():
            yield from self._close_part(part, {**at, "content_index": number})
            item.closed[number] = part.complete()
        done = {**item.said, "status": "incomplete"}
        if item.closed:
            done["content"] = [item.closed[number] for number in sorted(item.closed)]
        self._items[index] = done
        yield self.numbered("response.output_item.done", output_index=index, item=done)

    def _close_part(self, part: _Part, at: dict[str, Any]) -> Iterator[dict[str, Any]]:
        said, member = part.complete(), part.member
        if member and not part.whole:
            text: dict[str, Any] = {member: said.get(member) or ""}
            if said["type"] == "output_text":
                text["logprobs"] = []
            yield self.numbered(f"response.{said['type']}.done", **at, **text)
        yield self.numbered("response.content_part.done", **at, part=said)
