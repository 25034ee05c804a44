"""What the tools of responses are called."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.wire.responses_names import choice_names, definitions, kept, labels_of, tool_names

FUNCTION = {"type": "function", "name": "f"}
SERVER = {"type": "mcp", "server_label": "c", "server_url": "https://a.b"}
BROUGHT = {"type": "inline", "name": "skill:1"}
SHELL = {
    "type": "shell",
    "environment": {
        "type": "container_auto",
        "skills": [{"type": "skill_reference", "skill_id": "1"}, BROUGHT],
    },
}
EXAMPLES: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    (FUNCTION, ("f",)),
    ({"type": "custom", "name": "f"}, ("f",)),
    ({"type": "namespace", "name": "n", "tools": [FUNCTION]}, ("f",)),
    ({"type": "web_search"}, ("web_search",)),
    ({"type": "web_search_2025_08_26"}, ("web_search",)),
    ({"type": "web_search_preview_2025_03_11"}, ("web_search_preview",)),
    (SERVER, ("mcp:https://a.b",)),
    ({**SERVER, "connector_id": "connector_gmail"}, ("mcp:https://a.b", "mcp:connector_gmail")),
    ({"type": "mcp", "server_label": "c", "tunnel_id": "t"}, ("mcp:t",)),
    ({"type": "mcp", "server_label": "c"}, ("mcp:c",)),
    (SHELL, ("shell", "skill:1", "inline_skill")),
    ({"type": "shell", "environment": {"type": "local", "skills": [{"name": "s"}]}}, ("shell",)),
]


@pytest.mark.parametrize(("tool", "names"), EXAMPLES)
def test_a_tool_is_called_what_the_client_cannot_choose(
    tool: dict[str, Any], names: tuple[str, ...]
) -> None:
    assert tool_names(tool) == names


@pytest.mark.parametrize(("tool", "names"), EXAMPLES)
def test_a_tool_stays_as_it_is_or_goes(tool: dict[str, Any], names: tuple[str, ...]) -> None:
    assert kept(tool, names) == tool
    assert kept(tool, ()) is None


def test_only_what_may_stay_is_left_of_a_tool() -> None:
    space = {"type": "namespace", "name": "n", "tools": [FUNCTION, {**FUNCTION, "name": "g"}]}
    assert kept(space, ["g", "x"]) == {**space, "tools": [{**FUNCTION, "name": "g"}]}
    assert kept(SHELL, ["shell", "inline_skill"]) == {
        **SHELL,
        "environment": {"type": "container_auto", "skills": [BROUGHT]},
    }
    assert kept(SHELL, ["skill:1", "inline_skill"]) is None
    both = {**SERVER, "connector_id": "connector_gmail"}
    assert kept(both, ["mcp:https://a.b"]) is None


def test_tools_are_defined_in_the_request_and_in_its_items() -> None:
    items = [
        {"role": "user", "content": "x"},
        {"type": "additional_tools", "tools": [FUNCTION]},
        {"type": "tool_search_output"},
    ]
    body = {"tools": [SERVER], "input": items}
    assert list(definitions(body)) == [
        (("tools",), [SERVER]),
        (("input", 1, "tools"), [FUNCTION]),
        (("input", 2, "tools"), []),
    ]
    assert list(definitions({"input": "x", "tools": None})) == []


def test_a_label_stands_for_every_server_that_has_it() -> None:
    other = {**SERVER, "server_url": "https://evil.test"}
    labels = labels_of({"tools": [SERVER, other]})
    assert labels == {"c": ("mcp:https://a.b", "mcp:https://evil.test")}
    assert choice_names({"type": "mcp", "server_label": "c"}, labels) == labels["c"]
    assert choice_names({"type": "mcp", "server_label": "d"}, labels) == ("mcp:d",)


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        (None, ()),
        ("auto", ()),
        ({"type": "allowed_tools", "mode": "auto", "tools": [FUNCTION]}, ()),
        (FUNCTION, ("f",)),
        ({"type": "file_search"}, ("file_search",)),
        ({"type": "shell"}, ("shell",)),
    ],
)
def test_a_choice_names_the_tools_that_it_forces(choice: Any, names: tuple[str, ...]) -> None:
    assert choice_names(choice, {}) == names
