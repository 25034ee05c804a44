"""The parameters of Gemini's API, after its REST reference.

A function is called by its name, a tool of Google's by its field in snake_case (``google_search``,
``code_execution``), an MCP server ``mcp:`` and its URL, for its name is the client's own word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.wire.model_name import readable_word
from gateway.wire.parameters import Asked, Vocabulary, number, whole, within
from gateway.wire.proto_json import both, each, member, snake, spelling
from gateway.wire.spellings import HELD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.terms import Value
    from gateway.wire.exchange import Path
    from gateway.wire.parameters import Reader

__all__ = ["BUILT_IN", "VOCABULARY", "server_name"]

_BUILT_IN: Final = (
    "googleSearch",
    "googleSearchRetrieval",
    "codeExecution",
    "urlContext",
    "googleMaps",
    "computerUse",
    "fileSearch",
    "retrieval",
    "enterpriseWebSearch",
    "parallelAiSearch",
    "exaAiSearch",
)
BUILT_IN: Final = both({key: snake(key) for key in _BUILT_IN})
"""What a tool of Google's is called, by its field."""

_NAMED: Final = frozenset(both(dict.fromkeys(("functionDeclarations", "mcpServers"))))
_CHOICES: Final = {"AUTO": "auto", "VALIDATED": "auto", "ANY": "required", "NONE": "none"}
_MODALITIES: Final[dict[str, tuple[str, ...]]] = {
    "TEXT": (),
    "AUDIO": ("audio",),
    "IMAGE": ("images",),
    "VIDEO": ("images", "audio"),
}
_MIME_TYPES: Final = {"text/plain": "text", "application/json": "json_object"}
_SCHEMAS: Final = ("responseSchema", "responseJsonSchema", "_responseJsonSchema")
_AS_MUCH_AS_IT_LIKES: Final = -1


def server_name(server: Mapping[str, Any]) -> str:
    """What the tools of an MCP server are called."""
    transport = member(server, "streamableHttpTransport") or {}
    return f"mcp:{transport.get('url')}"


def _read_tools(asked: Asked, key: str, value: Any) -> None:
    for tool, path in each(value, (key,)):
        asked.member(tool, path)
        for name in _names_in(asked, tool, path):
            asked.say("tools", name)
    asked.say("tools")


def _names_in(asked: Asked, tool: Mapping[str, Any], path: Path) -> Iterator[str]:
    key = spelling(tool, "functionDeclarations")
    for function, at in _members(asked, tool.get(key), (*path, key)):
        yield asked.name(function.get("name"), (*at, "name"))
    key = spelling(tool, "mcpServers")
    for server, at in _members(asked, tool.get(key), (*path, key)):
        way = spelling(server, "streamableHttpTransport")
        transport = asked.member(server.get(way), (*at, way))
        asked.name(transport.get("url"), (*at, way, "url"))
        asked.fetches = True
        yield server_name(server)
    for key, value in tool.items():
        if value is not None and key not in _NAMED:
            asked.fetches = True
            if key not in BUILT_IN:
                # For all that is known, it is one more tool.
                asked.foreign.add("tools")
            else:
                yield BUILT_IN[key]


def _members(asked: Asked, value: Any, path: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    if value is not None:
        for item, at in each(value, path):
            yield asked.member(item, at), at


def _read_calling(asked: Asked, key: str, value: Any) -> None:
    config = asked.member(value, (key,))
    at = spelling(config, "allowedFunctionNames")
    allowed = [] if config.get(at) is None else list(each(config[at], (key, at)))
    names = [asked.name(name, path) for name, path in allowed]
    asked.chosen += names
    mode = config.get("mode")
    if mode is None:
        return
    choice = _CHOICES.get(asked.name(mode, (key, "mode")).upper())
    if choice is None:
        asked.say_unknown("tool_choice")
    else:
        asked.say("tool_choice", "named" if choice == "required" and len(names) == 1 else choice)


def _read_modalities(asked: Asked, key: str, value: Any) -> None:
    for item, path in each(value, (key,)):
        kinds = _MODALITIES.get(asked.name(item, path).upper())
        if kinds is None:
            asked.foreign |= {"images", "audio"}
        for what in kinds or ():
            _ask_once(asked, what)


def _ask_once(asked: Asked, what: str) -> None:
    if what not in asked.stated:
        asked.say(what, 1)


def _asks_for(what: str) -> Reader:
    def read(asked: Asked, key: str, value: Any) -> None:
        asked.member(value, (key,))
        _ask_once(asked, what)

    return read


def _read_media_type(asked: Asked, key: str, value: Any) -> None:
    asked.name(value, (key,))


def _read_formats(asked: Asked, key: str, value: Any) -> None:
    """A newer way to say the form of an answer, by kind of it."""
    for item, path in each(value, (key,)):
        for kind in asked.member(item, path):
            if kind != "text":
                asked.foreign |= {"images", "audio"}
    asked.say_unknown("response_format")


def _read_budget(asked: Asked, key: str, value: Any) -> None:
    if value == _AS_MUCH_AS_IT_LIKES:
        asked.say("reasoning_tokens")
    else:
        asked.say("reasoning_tokens", asked.whole(value, (key,)))


def _read_level(asked: Asked, key: str, value: Any) -> None:
    level = asked.name(value, (key,))
    if level.upper() != "THINKING_LEVEL_UNSPECIFIED":
        asked.say("reasoning_effort", level.lower())


def _read_held(asked: Asked, key: str, value: Any) -> None:
    """What the upstream holds: texts, parts and tools of it stand in no body."""
    if readable_word(value) is None:
        raise asked.wrong((key,), "a name")
    asked.foreign |= HELD


def _read_token(asked: Asked, key: str, value: Any) -> None:
    asked.name(value, (key,))
    asked.foreign |= HELD


def _close(asked: Asked) -> None:
    _close_format(asked, member(asked.body, "generationConfig") or {})
    if asked.foreign >= HELD and "tool_choice" not in asked.stated:
        # With the tools that the upstream holds, it holds a choice among them.
        asked.foreign.add("tool_choice")
    # Thoughts count as answer. Whether a model thinks unasked depends on the model.
    most = asked.values["max_tokens"]
    if most and not asked.values["reasoning_tokens"]:
        least = () if "reasoning_tokens" in asked.stated else (0,)
        asked.values["reasoning_tokens"] = (*least, *most)


def _close_format(asked: Asked, config: Mapping[str, Any]) -> None:
    kind = member(config, "responseMimeType")
    if any(member(config, key) is not None for key in _SCHEMAS):
        asked.say("response_format", "json_schema")
    elif kind in _MIME_TYPES:
        asked.say("response_format", _MIME_TYPES[kind])
    elif kind is not None:
        asked.say_unknown("response_format")


_THINKING: Final[dict[str, Reader]] = {
    "thinkingBudget": _read_budget,
    "thinkingLevel": _read_level,
}
_GENERATION: Final[dict[str, Reader]] = {
    "maxOutputTokens": whole("max_tokens"),
    "temperature": number("temperature"),
    "topP": number("top_p"),
    "candidateCount": whole("n"),
    "responseMimeType": _read_media_type,
    "responseFormat": _read_formats,
    "responseModalities": _read_modalities,
    "speechConfig": _asks_for("audio"),
    "imageConfig": _asks_for("images"),
    "thinkingConfig": within(both(_THINKING)),
}
_READERS: Final[dict[str, Reader]] = {
    "tools": _read_tools,
    "toolConfig": within(both({"functionCallingConfig": _read_calling})),
    "generationConfig": within(both(_GENERATION)),
    "cachedContent": _read_held,
    "continuationToken": _read_token,
}
_DEFAULTS: Final[dict[str, tuple[Value, ...]]] = {
    "max_tokens": (),
    "temperature": (),
    "top_p": (),
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

VOCABULARY: Final = Vocabulary(
    readers=both(_READERS),
    defaults=_DEFAULTS,
    system_roles=frozenset(),
    system_keys=frozenset(both({"systemInstruction": None})),
    messages_key="contents",
    messages_type="a list or an object",
    close=_close,
)
"""How requests to generate content say what they ask for."""
