"""Requests of each format as clients make them up, and what a policy may demand of them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from gateway.terms import EFFORTS
from gateway.wire.exchange import IN_BODY
from gateway.wire.proto_json import snake

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.terms import Changes, Parameters
    from gateway.wire.exchange import Exchange, Format, Target

__all__ = [
    "ANTHROPIC_BODIES",
    "GEMINI_BODIES",
    "JSON",
    "OLLAMA_BODIES",
    "OPENAI_BODIES",
    "changed",
    "changes_of",
    "with_any_value",
]

Body = dict[str, Any]

NAMES: Final = st.sampled_from(["search", "calc", "mail", "web_search"])
JSON: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "x", "auto", "text", "function", "tool", "enabled", "json_schema"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "name", "function", "text", "n", "tools", "model", "content"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
TEXTS: Final = st.sampled_from(["", "be brief", "hello", "what is this?"])
WHOLE: Final = st.integers(0, 4000)
SHARE: Final = st.floats(0, 2) | st.integers(0, 2)
TAIL: Final = st.sampled_from([{}, {"unheard_of": {"deep": ["x"]}}, {"max_output_tokens": 9}])


def _null(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return values | st.none()


def _either(*roles: str) -> st.SearchStrategy[str]:
    return st.sampled_from(roles)


_PARTS: Final = st.lists(
    st.fixed_dictionaries({"type": st.just("text"), "text": TEXTS})
    | st.just({"type": "image_url", "image_url": {"url": "https://example.com/a.png"}})
    | st.just({"type": "input_audio", "input_audio": {"data": "UklG", "format": "wav"}})
    | st.just({"type": "hologram", "data": "x"}),
    max_size=3,
)
_MESSAGE: Final = st.fixed_dictionaries(
    {"role": _either("system", "developer", "user", "assistant", "tool")},
    optional={"content": _null(TEXTS | _PARTS), "name": TEXTS},
)
_FUNCTION: Final = st.builds(lambda name: {"name": name, "description": "does it"}, NAMES)
_TOOL: Final = (
    st.builds(lambda function: {"type": "function", "function": function}, _FUNCTION)
    | st.builds(lambda custom: {"type": "custom", "custom": custom}, _FUNCTION)
    | st.builds(lambda function: {"function": function}, _FUNCTION)
    | st.builds(lambda name: {"type": name}, NAMES)
)
_ALLOWED: Final = st.builds(
    lambda mode, tools: {
        "type": "allowed_tools",
        "allowed_tools": {"mode": mode, "tools": tools},
    },
    _either("auto", "required"),
    st.lists(_TOOL, max_size=3),
)
OPENAI_BODIES: Final[st.SearchStrategy[Body]] = st.builds(
    dict.__or__,
    st.fixed_dictionaries(
        {
            "model": _either("gpt-5-mini", "o3", "mistral-large", "openai/gpt-oss-20b"),
            "messages": st.lists(_MESSAGE, max_size=4),
        },
        optional={
            "max_tokens": _null(WHOLE),
            "max_completion_tokens": _null(WHOLE),
            "temperature": _null(SHARE),
            "top_p": SHARE,
            "n": WHOLE,
            "stream": _null(st.booleans()),
            "tools": _null(st.lists(_TOOL, max_size=4)),
            "functions": st.lists(_FUNCTION, max_size=2),
            "web_search_options": _null(st.just({})),
            "tool_choice": _either("none", "auto", "required", "any") | _TOOL | _ALLOWED,
            "function_call": _either("none", "auto") | _FUNCTION,
            "parallel_tool_calls": st.booleans(),
            "modalities": st.lists(_either("text", "audio", "image", "smell"), max_size=2),
            "response_format": st.builds(lambda kind: {"type": kind}, _either("text", "yaml")),
            "reasoning_effort": _either("none", "high", "as much as it takes"),
        },
    ),
    TAIL,
)

_BLOCKS: Final = st.lists(
    st.fixed_dictionaries({"type": st.just("text"), "text": TEXTS})
    | st.just({"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}})
    | st.just({"type": "document", "source": {"type": "text", "data": "a plan"}})
    | st.just({"type": "tool_addition", "tool": {"type": "tool_reference", "name": "calc"}}),
    max_size=3,
)
_TURN: Final = st.fixed_dictionaries(
    {"role": _either("user", "assistant", "system"), "content": TEXTS | _BLOCKS}
)
_ANTHROPIC_TOOL: Final = st.builds(
    lambda name: {"name": name, "input_schema": {"type": "object"}}, NAMES
) | st.sampled_from(
    [
        {"type": "web_search_20250305", "name": "web_search"},
        {"type": "web_search_20250305", "name": "calc"},
        {"type": "text_editor_20250728", "name": "str_replace_based_edit_tool"},
        {"type": "browser_toolset_20260801"},
        {"type": "mcp_toolset", "mcp_server_name": "one"},
        {"type": "mcp_toolset", "mcp_server_name": "nowhere"},
    ]
)
_SERVERS: Final = st.lists(
    st.sampled_from(
        [{"type": "url", "name": name, "url": f"https://{name}.example"} for name in ("one", "two")]
    ),
    max_size=2,
)
_THINKING: Final = st.builds(
    lambda budget: {"type": "enabled", "budget_tokens": budget, "display": "omitted"}, WHOLE
) | st.builds(
    lambda kind: {"type": kind}, _either("disabled", "adaptive", "between_tools", "always")
)
ANTHROPIC_BODIES: Final[st.SearchStrategy[Body]] = st.builds(
    dict.__or__,
    st.fixed_dictionaries(
        {"model": st.just("claude-sonnet-5"), "messages": st.lists(_TURN, max_size=4)},
        optional={
            "max_tokens": WHOLE,
            "temperature": SHARE,
            "top_p": _null(SHARE),
            "stream": st.booleans(),
            "system": _null(TEXTS | st.lists(st.just({"type": "text", "text": "be kind"}))),
            "tools": _null(st.lists(_ANTHROPIC_TOOL, max_size=4)),
            "mcp_servers": _SERVERS,
            "container": st.sampled_from(
                ["c", {"skills": [{"type": "anthropic", "skill_id": "pdf"}]}, {"id": "c"}]
            ),
            "tool_choice": st.builds(
                lambda kind, name: {"type": kind, "name": name, "disable_parallel_tool_use": True},
                _either("auto", "any", "none", "tool", "most"),
                NAMES,
            ),
            "thinking": _null(_THINKING),
            "output_config": _null(st.just({"effort": "high", "format": {"type": "json_schema"}})),
        },
    ),
    TAIL,
)

_OLLAMA_MESSAGE: Final = st.fixed_dictionaries(
    {"role": _either("system", "user", "assistant", "tool"), "content": TEXTS},
    optional={"images": st.just(["iVBORw0KGgo="]), "thinking": TEXTS},
)
_OLLAMA_TOOL: Final = st.builds(
    lambda function: {"type": "function", "function": function}, _FUNCTION
)
_OLLAMA_MEMBERS: Final = st.fixed_dictionaries(
    {},
    optional={
        "options": _null(
            st.fixed_dictionaries(
                {},
                optional={
                    "num_predict": _null(st.integers(-2, 4000)),
                    "temperature": SHARE,
                    "top_p": _null(SHARE),
                    "seed": WHOLE,
                    "stop": st.just(["END"]),
                },
            )
        ),
        "stream": _null(st.booleans()),
        "think": _null(st.booleans() | _either("low", "high", "more")),
        "format": _null(st.just("json") | st.just({"type": "object"})),
        "keep_alive": st.just("5m"),
    },
)
_OLLAMA_CHATS: Final = st.fixed_dictionaries(
    {"messages": st.lists(_OLLAMA_MESSAGE, max_size=4)},
    optional={"tools": _null(st.lists(_OLLAMA_TOOL, max_size=4))},
)
_OLLAMA_TEXTS: Final = st.fixed_dictionaries(
    {"prompt": TEXTS},
    optional={
        "system": _null(TEXTS),
        "template": _null(st.just("{{ .System }}")),
        "raw": st.booleans(),
        "suffix": TEXTS,
        "images": st.just(["iVBORw0KGgo="]),
        "width": WHOLE,
    },
)
OLLAMA_BODIES: Final[st.SearchStrategy[Body]] = st.builds(
    lambda *parts: {"model": "llama3.2"} | parts[0] | parts[1] | parts[2],
    _OLLAMA_MEMBERS,
    _OLLAMA_CHATS | _OLLAMA_TEXTS,
    TAIL,
)


_GEMINI_PARTS: Final = st.lists(
    st.builds(lambda text: {"text": text}, TEXTS)
    | st.just({"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}})
    | st.just({"fileData": {"fileUri": "https://example.com/a.pdf"}})
    | st.just({"functionCall": {"name": "calc", "args": {"x": 1}}}),
    max_size=3,
)
_CONTENTS: Final = st.builds(
    lambda role, parts: {"role": role, "parts": parts},
    _either("user", "model", "function", "tool"),
    _GEMINI_PARTS,
)
_GEMINI_TOOL: Final = st.builds(
    lambda functions: {"functionDeclarations": functions}, st.lists(_FUNCTION, max_size=2)
) | st.sampled_from(
    [
        {"googleSearch": {}, "codeExecution": {}},
        {"functionDeclarations": {"name": "mail"}, "urlContext": None},
        {"mcpServers": {"name": "a", "streamableHttpTransport": {"url": "https://a.example"}}},
        {"teleport": {}},
    ]
)
_GENERATION: Final = st.fixed_dictionaries(
    {},
    optional={
        "maxOutputTokens": _null(WHOLE),
        "temperature": _null(SHARE),
        "topP": SHARE,
        "candidateCount": WHOLE,
        "stopSequences": st.lists(TEXTS, max_size=2),
        "responseMimeType": _either("text/plain", "application/json", "text/x.enum"),
        "responseSchema": st.just({"type": "OBJECT"}),
        "responseModalities": st.lists(_either("TEXT", "Image", "AUDIO", "SMELL"), max_size=2),
        "thinkingConfig": st.fixed_dictionaries(
            {},
            optional={
                "thinkingBudget": WHOLE | st.just(-1),
                "thinkingLevel": _either("LOW", "high", "THINKING_LEVEL_UNSPECIFIED", "DEEP"),
            },
        ),
    },
)
_CALLING: Final = st.fixed_dictionaries(
    {},
    optional={
        "mode": _either("AUTO", "any", "NONE", "VALIDATED", "MOST"),
        "allowedFunctionNames": st.lists(NAMES, max_size=2),
    },
)


def _in_either_spelling(body: Body, names: frozenset[str]) -> Body:
    """The body with its fields of some names in snake_case."""

    def spell(value: Any) -> Any:
        if isinstance(value, dict):
            return {snake(key) if key in names else key: spell(one) for key, one in value.items()}
        return [spell(one) for one in value] if isinstance(value, list) else value

    written: Body = spell(body)
    return written


_TWO_SPELLINGS: Final = (
    "systemInstruction",
    "toolConfig",
    "generationConfig",
    "functionCallingConfig",
    "thinkingConfig",
    "thinkingBudget",
    "maxOutputTokens",
    "candidateCount",
    "topP",
    "allowedFunctionNames",
    "functionDeclarations",
    "mcpServers",
    "googleSearch",
    "inlineData",
    "mimeType",
)
GEMINI_BODIES: Final[st.SearchStrategy[Body]] = st.builds(
    _in_either_spelling,
    st.builds(
        dict.__or__,
        st.fixed_dictionaries(
            {"contents": st.lists(_CONTENTS, max_size=4) | _CONTENTS},
            optional={
                "systemInstruction": _null(
                    st.builds(lambda parts: {"parts": parts}, _GEMINI_PARTS)
                    | st.just({"parts": {"text": "be kind"}})
                ),
                "tools": _null(st.lists(_GEMINI_TOOL, max_size=3) | _GEMINI_TOOL),
                "toolConfig": _null(
                    st.builds(lambda calling: {"functionCallingConfig": calling}, _CALLING)
                ),
                "generationConfig": _null(_GENERATION),
                "cachedContent": st.just("cachedContents/c"),
            },
        ),
        st.sampled_from([{}, {"unheard_of": {"deep": ["x"]}}]),
    ),
    st.frozensets(st.sampled_from(_TWO_SPELLINGS)),
)
"""Bodies of Gemini's, each of whose fields may be spelt in either way."""


def changes_of(parameters: Parameters) -> st.SearchStrategy[Changes]:
    """Whatever clamps of any rules could make of a request that asks for this."""
    names = sorted({str(name) for name in parameters.values["tools"]})
    keeping = st.sets(st.sampled_from(names)) if names else st.just(set[str]())
    staying = keeping.map(
        lambda kept: tuple(name for name in parameters.values["tools"] if name in kept)
    )
    ranges = st.fixed_dictionaries(
        {},
        optional={
            "max_tokens": st.integers(1, 4000),
            "temperature": SHARE,
            "top_p": st.floats(0, 1),
            "n": st.integers(1, 4),
            "reasoning_effort": st.sampled_from(EFFORTS),
            "reasoning_tokens": st.integers(0, 4000),
            "tools": staying,
        },
    )
    system = st.fixed_dictionaries({}, optional={"system": st.just("the pinned text")})
    prefix = st.just({"system_prefix": "the fixed beginning"})
    return st.builds(dict.__or__, ranges, system | prefix)


def with_any_value(bodies: st.SearchStrategy[Body]) -> st.SearchStrategy[Body]:
    """Bodies of which one member or another is anything that JSON can say."""

    def spoil(body: Body, key: str, value: Any) -> Body:
        return {**body, key: value}

    return bodies.flatmap(
        lambda body: st.builds(spoil, st.just(body), st.sampled_from(sorted(body)), JSON)
    )


def changed(
    wire: Format, body: Mapping[str, Any], changes: Changes, target: Target = IN_BODY
) -> Exchange:
    """The changed request, read again; the old one is seen not to change."""
    before = copy.deepcopy(body)
    written = wire.change_request(body, changes)
    assert body == before
    return wire.read(written, target)
