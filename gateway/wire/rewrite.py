"""Writes a body anew with some of its texts replaced, and leaves the old one as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.errors import InternalFault
from gateway.wire.data_urls import rewritten
from gateway.wire.embedded import dump_embedded, parse_embedded
from gateway.wire.exchange import DECODED, EMBEDDED, RESPELT, Path, pointer

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["rewrite"]


def rewrite(body: Mapping[str, Any], replacements: Mapping[Path, str]) -> dict[str, Any]:
    """The body with other texts at some paths.

    Only objects and lists along those paths are copied. A step into embedded JSON parses the
    string and spells it anew; a step into what a string encodes encodes it anew. A number
    may be replaced by a text as well. A step into what log probabilities spell drops these.

    Raises:
        InternalFault: A path leads to no text of this body.
    """
    tree: dict[Any, Any] = {}
    for path, text in replacements.items():
        _grow(tree, path, text)
    written = _write(body, tree, ())
    return dict(body) if written is body else written


def _grow(tree: dict[Any, Any], path: Path, text: str) -> None:
    if not path:
        raise _astray(path)
    for step in path[:-1]:
        tree = tree.setdefault(step, {})
        if not isinstance(tree, dict):
            raise _astray(path)
    if path[-1] in tree:
        raise _astray(path)
    tree[path[-1]] = text


def _write(value: Any, tree: Any, path: Path) -> Any:
    if isinstance(tree, str):
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            return tree
        raise _astray(path)
    if not tree:
        return value
    if RESPELT in tree:
        return [] if isinstance(value, list) else None
    if DECODED in tree and isinstance(value, str):
        return _encode(value, tree, path)
    if EMBEDDED in tree and isinstance(value, str):
        inner = parse_embedded(value)
        if inner is None or len(tree) > 1:
            raise _astray(path)
        return dump_embedded(_write(inner, tree[EMBEDDED], (*path, EMBEDDED)))
    return _write_container(value, tree, path)


def _encode(value: str, tree: dict[Any, Any], path: Path) -> str:
    text = tree[DECODED]
    written = rewritten(value, text) if isinstance(text, str) and len(tree) == 1 else None
    if written is None:
        raise _astray(path)
    return written


def _write_container(value: Any, tree: dict[Any, Any], path: Path) -> Any:
    if not isinstance(value, (dict, list)):
        raise _astray(path)
    copy: Any = value.copy()
    for step, below in tree.items():
        at = (*path, step)
        if not _holds(value, step):
            raise _astray(at)
        copy[step] = _write(value[step], below, at)
    return copy


def _holds(value: dict[str, Any] | list[Any], step: str | int) -> bool:
    if isinstance(value, dict):
        return step in value
    return type(step) is int and 0 <= step < len(value)


def _astray(path: Path) -> InternalFault:
    # A path may hold keys that a client chose, so only its length and top are named.
    return InternalFault(f"no text to replace {len(path)} steps down at {pointer(path[:1])!r}")
