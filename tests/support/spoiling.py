"""Ways to spoil a body, one small step at a time, by choices that somebody else makes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Choose = Callable[[int], int]

__all__ = ["MARK", "RAW", "Choices", "leaves", "places", "put", "raw_spoilt", "spoilt", "steps"]

MARK: Final = "zq text of a client 42"
"""A text that no message of ours may repeat, and that must be read wherever it stands."""

Path = tuple[str | int, ...]

_VALUES: Final[tuple[Any, ...]] = (
    MARK, None, True, False, 0, -1, 3, 10**9, 2**63, 2**64 - 1, 1.5, -0.0, 1e300, "", "x", "7",
    "user", "system", "tool", "wizard", "SYSTEM", "text", "image", "document", "function", "custom",
    "auto", "tool_use", "thinking", "json_schema", "allowed_tools", "error", "message_stop",
    "content_block_start", "content_block_stop", "message_start", "message_delta", "stop",
    "data:image/png;base64,AAAA", f"data:text/plain,{MARK}", f"data:image/png;base64,{MARK}",
    json.dumps({"a": [MARK, 10**30, 1.0]}), '{"a":1,"a":2}', "[1e999]", "\u2028\x00\U0001f600",
    [], {}, [None], [[]], [MARK], {MARK: MARK}, {"type": 3}, {"role": 3}, {"type": MARK},
    {"type": "text", "text": MARK}, {"type": "wizard", "x": [MARK]}, {"\x00json": {"a": MARK}},
    {"type": "function", "function": {"name": "a"}}, [{"type": "tool_use", "input": [MARK]}],
    {"name": None}, {"type": "enabled"}, {"index": 0, "delta": {"content": MARK}}, "A" * 129,
)  # fmt: skip
_KEYS: Final = (
    MARK, "role", "type", "content", "text", "name", "index", "delta", "function", "arguments",
    "model", "Model", "MESSAGES", "fallbacks", "stream", "tools", "system", "usage", "error",
    "choices", "message", "signature", "thinking", "data", "id", "logprobs", "input", "\x00json",
    "", "0", "finish_reason", "url", "file", "audio", "max_tokens", "tool_choice", "unheard_of",
)  # fmt: skip

RAW: Final[dict[str, str]] = {
    "a lone surrogate": '"\\ud800"',
    "a surrogate the wrong way round": '"\\udc00\\ud800"',
    "a key that is a lone surrogate": '{"\\udfff":1}',
    "a number of 30 digits": "9" * 30,
    "a number of 5000 digits": "-" + "9" * 5000,
    "a number that overflows": "1e999",
    "a number that is none": "NaN",
    "a duplicate key": '{"a":1,"a":2}',
    "a duplicate key by escape": '{"a":1,"\\u0061":2}',
    "70 levels of lists": "[" * 70 + "]" * 70,
    "70 levels of objects": '{"a":' * 70 + "1" + "}" * 70,
    "5000 levels": "[" * 5000 + "]" * 5000,
    "a control character": '"\x01"',
    "an unfinished string": '"',
}
"""Values that are no strict JSON, by name."""


class Choices:
    """Choices that bytes make; all are 0 when the bytes are used up."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __call__(self, count: int) -> int:
        """A number below ``count``."""
        size = 1 if count <= 256 else 2
        part, self._data = self._data[:size], self._data[size:]
        return int.from_bytes(part, "big") % count

    def __bool__(self) -> bool:
        """Whether bytes are left."""
        return bool(self._data)

    def rest(self) -> bytes:
        """The bytes that are left."""
        return self._data


def steps(value: Any) -> Iterator[tuple[Any, Any]]:
    """The keys or indices of an object or a list with what stands there."""
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """The path of a value and of everything in it."""
    yield path
    for step, inner in steps(value):
        yield from places(inner, (*path, step))


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every string, also keys, with the path that leads to it."""
    if isinstance(value, str):
        yield path, value
    for step, inner in steps(value):
        if isinstance(step, str):
            yield (*path, step), step
        yield from leaves(inner, (*path, step))


def place(value: Any, path: Path) -> Any:
    """What stands at a path."""
    for step in path:
        value = value[step]
    return value


def spoilt(body: Any, choose: Choose) -> Any:
    """The body with one thing in it changed; the old one stays as it is."""
    paths = [*places(body)]
    path = paths[choose(len(paths))]
    kind = choose(8)
    if kind < 3:
        return put(body, path, _VALUES[choose(len(_VALUES))])
    if kind == 3:
        return put(body, path, place(body, paths[choose(len(paths))]))
    if kind == 4 and path:
        return put(body, path[:-1], _without(place(body, path[:-1]), path[-1]))
    return put(body, path, _grown(place(body, path), choose))


def _grown(old: Any, choose: Choose) -> Any:
    """A value with something added to it."""
    key, value = _KEYS[choose(len(_KEYS))], _VALUES[choose(len(_VALUES))]
    if isinstance(old, dict):
        return {**old, key: value}
    if isinstance(old, list):
        return [*old, *old[:1], value]
    return [old] if choose(2) else {key: old}


def raw_spoilt(body: Any, fault: str, choose: Choose) -> bytes:
    """The body as JSON with one value in it that is none."""
    paths = [*places(body)]
    marked = put(body, paths[choose(len(paths))], "\x00")
    return json.dumps(marked).replace('"\\u0000"', RAW[fault], 1).encode()


def put(body: Any, path: Path, value: Any) -> Any:
    """The body with another value at a path; the old one stays as it is."""
    if not path:
        return value
    copy: Any = dict(body) if isinstance(body, dict) else list(body)
    copy[path[0]] = put(body[path[0]], path[1:], value)
    return copy


def _without(holder: Any, step: Any) -> Any:
    return type(holder)(
        {key: inner for key, inner in steps(holder) if key != step}
        if isinstance(holder, dict)
        else [inner for index, inner in steps(holder) if index != step]
    )
