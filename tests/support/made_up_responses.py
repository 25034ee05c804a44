"""Requests for OpenAI's responses as clients make them up."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st
from made_up_requests import NAMES, SHARE, TAIL, TEXTS, WHOLE

__all__ = ["RESPONSES_BODIES"]


def _null(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return values | st.none()


_PIECES: Final = st.lists(
    st.fixed_dictionaries({"type": st.just("input_text"), "text": TEXTS})
    | st.just({"type": "input_image", "image_url": "https://example.com/a.png"})
    | st.just({"type": "input_audio", "input_audio": {"data": "UklG", "format": "wav"}})
    | st.just({"type": "hologram", "data": "x"}),
    max_size=3,
)
_CALLABLE: Final = st.builds(
    lambda kind, name: {"type": kind, "name": name}, st.sampled_from(["function", "custom"]), NAMES
)
_TOOL: Final = (
    _CALLABLE
    | st.builds(
        lambda tools: {"type": "namespace", "name": "n", "tools": tools},
        st.lists(_CALLABLE, min_size=1, max_size=2),
    )
    | st.builds(lambda kind: {"type": kind}, NAMES)
    | st.sampled_from(
        [
            {"type": "web_search_2025_08_26"},
            {"type": "mcp", "server_label": "one", "server_url": "https://one.example"},
            {"type": "mcp", "server_label": "one", "connector_id": "connector_gmail"},
            {"type": "mcp", "server_label": "nowhere"},
            {
                "type": "shell",
                "environment": {"skills": [{"type": "skill_reference", "skill_id": "pdf"}]},
            },
        ]
    )
)
_TOOLS: Final = st.lists(_TOOL, max_size=3)
_ITEM: Final = (
    st.fixed_dictionaries(
        {
            "role": st.sampled_from(["system", "developer", "user", "assistant", "tool"]),
            "content": TEXTS | _PIECES,
        }
    )
    | st.builds(
        lambda kind, tools: {"type": kind, "role": "developer", "tools": tools},
        st.sampled_from(["additional_tools", "tool_search_output"]),
        _TOOLS,
    )
    | st.sampled_from(
        [
            {"type": "function_call", "name": "calc", "call_id": "c", "arguments": '{"a":"b"}'},
            {"type": "function_call_output", "call_id": "c", "output": "4"},
            {"type": "configuration_update", "reasoning": {"effort": "high"}},
            {"type": "item_reference", "id": "msg_1"},
        ]
    )
)
RESPONSES_BODIES: Final[st.SearchStrategy[dict[str, Any]]] = st.builds(
    dict.__or__,
    st.fixed_dictionaries(
        {"model": st.just("gpt-5-mini"), "input": TEXTS | st.lists(_ITEM, max_size=4)},
        optional={
            "instructions": _null(TEXTS),
            "max_output_tokens": _null(WHOLE),
            "temperature": _null(SHARE),
            "top_p": SHARE,
            "stream": _null(st.booleans()),
            "tools": _null(_TOOLS),
            "tool_choice": st.sampled_from(["none", "auto", "required", "any"])
            | _TOOL
            | st.builds(
                lambda mode, tools: {"type": "allowed_tools", "mode": mode, "tools": tools},
                st.sampled_from(["auto", "required"]),
                _TOOLS,
            ),
            "parallel_tool_calls": st.booleans(),
            "text": st.builds(
                lambda kind: {"format": {"type": kind}},
                st.sampled_from(["text", "json_object", "yaml"]),
            ),
            "reasoning": _null(st.just({"effort": "high", "summary": "auto"})),
            "prompt": _null(st.just({"id": "pmpt_1"})),
            "previous_response_id": _null(st.just("resp_1")),
        },
    ),
    TAIL,
)
