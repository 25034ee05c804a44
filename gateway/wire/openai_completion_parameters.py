"""The parameters of OpenAI's completions without a conversation, and how they are written.

``n`` is asked of each prompt: with several prompts there are so many times more answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.wire.changing import as_number, as_whole, change, put, unwritable
from gateway.wire.parameters import Asked, Vocabulary, number, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.terms import Changes, Value
    from gateway.wire.changing import Writer
    from gateway.wire.parameters import Reader

__all__ = ["VOCABULARY", "change_request"]

_READERS: Final[dict[str, Reader]] = {
    "max_tokens": whole("max_tokens"),
    "temperature": number("temperature"),
    "top_p": number("top_p"),
    "n": whole("n"),
    "best_of": whole("n"),
}
_DEFAULTS: Final[dict[str, tuple[Value, ...]]] = {
    "max_tokens": (16,),
    "temperature": (1,),
    "top_p": (1,),
    "n": (1,),
    "stream": (False,),
    "tools": (),
    "tool_choice": ("none",),
    "images": (0,),
    "audio": (0,),
    "files": (0,),
    "response_format": ("text",),
    "reasoning_effort": (),
    "reasoning_tokens": (),
    "system": (),
}


def _prompts(body: Mapping[str, Any]) -> int:
    prompt = body.get("prompt")
    return max(1, len(prompt)) if isinstance(prompt, list) else 1


def _close(asked: Asked) -> None:
    prompts = _prompts(asked.body)
    asked.values["n"] = tuple([prompts * int(each) for each in asked.values["n"]])


VOCABULARY: Final = Vocabulary(
    readers=_READERS,
    defaults=_DEFAULTS,
    system_roles=frozenset(),
    messages_key="prompt",
    messages_type=None,
    inexpressible=frozenset({"reasoning_effort", "reasoning_tokens", "system"}),
    close=_close,
)
"""How completions say what they ask for; a prompt may hold a system text, and nobody can tell."""


def change_request(body: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """See ``Format.change_request``."""
    return change(body, changes, _WRITERS)


def _write_n(body: dict[str, Any], value: Any) -> None:
    each = as_whole("n", value) // _prompts(body)
    if each < 1:
        raise unwritable("n")
    put("n", as_whole, "n", "best_of")(body, each)


_WRITERS: Final[dict[str, Writer]] = {
    "max_tokens": put("max_tokens", as_whole, "max_tokens"),
    "temperature": put("temperature", as_number, "temperature"),
    "top_p": put("top_p", as_number, "top_p"),
    "n": _write_n,
}
