"""The parameters of Ollama's API, after its reference, its Go types and its Python SDK.

A tool is called by its function's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.wire.openai_prompt import PROMPT_TYPE
from gateway.wire.parameters import Asked, Vocabulary, listed, number, within
from gateway.wire.vectors import VECTOR_DEFAULTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.terms import Value
    from gateway.wire.parameters import Reader

__all__ = ["CHAT", "EMBED", "GENERATE", "tool_name"]


def tool_name(tool: Mapping[str, Any]) -> Any:
    """What a definition calls its tool; the value is not checked."""
    function = tool.get("function")
    return function.get("name") if isinstance(function, dict) else None


def _read_tools(asked: Asked, key: str, value: Any) -> None:
    for index, tool in enumerate(listed(asked, value, (key,))):
        path = (key, index, "function")
        asked.member(tool.get("function"), path)
        if tool.get("type") not in (None, "function"):
            # Who goes by the type takes this for another tool.
            asked.foreign.add("tools")
        asked.say("tools", asked.name(tool_name(tool), (*path, "name")))
    asked.say("tools")


def _read_most(asked: Asked, key: str, value: Any) -> None:
    if type(value) is not int:
        raise asked.wrong((key,), "a whole number")
    # The server stops at a number above 0 only.
    asked.say("max_tokens", *((value,) if value > 0 else ()))


def _read_think(asked: Asked, key: str, value: Any) -> None:
    if value is True:
        asked.say("reasoning_effort")
    elif value is False:
        asked.say("reasoning_effort", "none")
        asked.say("reasoning_tokens", 0)
    else:
        asked.say("reasoning_effort", asked.name(value, (key,)))


def _read_format(asked: Asked, key: str, value: Any) -> None:  # noqa: ARG001 - the signature of a reader
    if isinstance(value, dict):
        asked.say("response_format", "json_schema")
    elif value in {"", "json"}:
        asked.say("response_format", "json_object" if value else "text")
    else:
        asked.say_unknown("response_format")


def _read_raw(asked: Asked, key: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise asked.wrong((key,), "true or false")
    if value:
        # No template: the prompt holds the marks of roles and of thinking itself.
        asked.foreign |= {"system", "reasoning_effort", "reasoning_tokens"}


def _read_suffix(asked: Asked, key: str, value: Any) -> None:  # noqa: ARG001 - the signature of a reader
    if value:
        # The template gets what is before and what is after, and no system text.
        asked.foreign.add("system")


def _ask_image(asked: Asked, key: str, value: Any) -> None:
    asked.whole(value, (key,))
    if "images" not in asked.stated:
        asked.say("images", 1)


def _close(asked: Asked) -> None:
    """Thoughts are part of the answer; whether a model thinks unasked depends on the model."""
    most, think = asked.values["max_tokens"], asked.body.get("think")
    if think is None and most:
        asked.values["reasoning_tokens"] = (0, *most)
    elif think is not None and think is not False:
        asked.say("reasoning_tokens", *most)


_OPTIONS: Final[dict[str, Reader]] = {
    "num_predict": _read_most,
    "temperature": number("temperature"),
    "top_p": number("top_p"),
}
_READERS: Final[dict[str, Reader]] = {
    "options": within(_OPTIONS),
    "think": _read_think,
    "format": _read_format,
}
_DEFAULTS: Final[dict[str, tuple[Value, ...]]] = {
    "max_tokens": (),
    "temperature": (),
    "top_p": (),
    "n": (1,),
    "stream": (True,),
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

CHAT: Final = Vocabulary(
    readers={**_READERS, "tools": _read_tools},
    defaults=_DEFAULTS,
    system_roles=frozenset({"system"}),
    messages_type=None,
    streams_unasked=True,
    close=_close,
)
"""How chats say what they ask for."""

GENERATE: Final = Vocabulary(
    readers={
        **_READERS,
        "raw": _read_raw,
        "suffix": _read_suffix,
        **dict.fromkeys(("width", "height", "steps"), _ask_image),
    },
    defaults=_DEFAULTS,
    system_roles=frozenset(),
    system_keys=frozenset({"system", "template"}),
    messages_key="prompt",
    messages_type=None,
    streams_unasked=True,
    close=_close,
)
"""How texts to go on with say it; a template writes the whole prompt and is a system text."""

EMBED: Final = Vocabulary(
    readers={},
    defaults=VECTOR_DEFAULTS,
    system_roles=frozenset(),
    messages_key="input",
    messages_type=PROMPT_TYPE,
    apart=True,
)
"""How vectors are asked for."""
