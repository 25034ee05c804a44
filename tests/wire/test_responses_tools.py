"""Where texts stand in the tools of responses."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import BadRequest
from gateway.wire.leaves import Finder
from gateway.wire.responses_tools import TEXT_FORMAT, TOOLS


def found_in(*tools: Any) -> Finder:
    found = Finder.request()
    TOOLS(found, list(tools), ("tools",), "unknown")
    return found


def texts(tool: Any) -> dict[str, tuple[str, bool]]:
    return {
        t.where.removeprefix("/tools/0/"): (t.value, t.rewritable) for t in found_in(tool).texts
    }


FUNCTION = {"type": "function", "name": "f", "description": "does it"}
SKILL = {"type": "inline", "name": "s", "description": "does s"}
DOMAIN = {"domain": "a.b", "name": "TOKEN", "value": "s3cret"}
EXAMPLES: list[tuple[dict[str, Any], dict[str, tuple[str, bool]]]] = [
    (
        {**FUNCTION, "parameters": {"type": "object", "properties": {"x": {"const": "y"}}}},
        {
            "name": ("f", False),
            "description": ("does it", True),
            "parameters/properties/x": ("x", False),
            "parameters/properties/x/const": ("y", True),
        },
    ),
    (
        {**FUNCTION, "type": "custom", "format": {"type": "grammar", "definition": "start: A"}},
        {
            "name": ("f", False),
            "description": ("does it", True),
            "format/definition": ("start: A", True),
        },
    ),
    (
        {"type": "namespace", "name": "n", "description": "all", "tools": [FUNCTION]},
        {
            "name": ("n", False),
            "description": ("all", True),
            "tools/0/name": ("f", False),
            "tools/0/description": ("does it", True),
        },
    ),
    (
        {"type": "mcp", "server_label": "c", "server_url": "https://a.b", "authorization": "t",
         "server_description": "d", "headers": {"X": "y"}, "allowed_tools": ["a"],
         "require_approval": {"always": {"tool_names": ["b"]}}},
        {
            "server_label": ("c", False),
            "server_url": ("https://a.b", False),
            "authorization": ("t", False),
            "server_description": ("d", True),
            "headers/X": ("y", True),
            "allowed_tools/0": ("a", False),
            "require_approval/always/tool_names/0": ("b", False),
        },
    ),
    (
        {"type": "file_search", "vector_store_ids": ["vs_1"], "filters": {
            "type": "and", "filters": [{"type": "eq", "key": "by", "value": "Ada"}]}},
        {"filters/filters/0/key": ("by", True), "filters/filters/0/value": ("Ada", True)},
    ),
    (
        {"type": "web_search", "filters": {"allowed_domains": ["a.b"]},
         "user_location": {"type": "approximate", "city": "Rome"}},
        {"filters/allowed_domains/0": ("a.b", True), "user_location/city": ("Rome", True)},
    ),
    (
        {"type": "code_interpreter", "container": {"type": "auto", "network_policy": {
            "type": "allowlist", "allowed_domains": ["a.b"], "domain_secrets": [DOMAIN]}}},
        {
            "container/network_policy/allowed_domains/0": ("a.b", True),
            "container/network_policy/domain_secrets/0/domain": ("a.b", False),
            "container/network_policy/domain_secrets/0/name": ("TOKEN", False),
            "container/network_policy/domain_secrets/0/value": ("s3cret", False),
        },
    ),
    (
        {"type": "shell", "environment": {"type": "container_auto", "skills": [SKILL]}},
        {
            "environment/skills/0/name": ("s", False),
            "environment/skills/0/description": ("does s", True),
        },
    ),
    ({"type": "tool_search", "description": "finds"}, {"description": ("finds", True)}),
    ({"type": "local_shell"}, {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("tool", "expected"), [pytest.param(*one, id=one[0]["type"]) for one in EXAMPLES]
)
def test_every_text_of_a_tool_is_found(
    tool: dict[str, Any], expected: dict[str, tuple[str, bool]]
) -> None:
    assert texts(tool) == expected
    found = found_in(tool)
    assert {text.provenance for text in found.texts} <= {"tool_definition"}
    assert (found.foreign, found.beyond) == (set(), None)


def test_files_and_images_of_tools_are_counted() -> None:
    mask = {"image_url": "data:image/png;base64,iVBORw0KGgo="}
    archive = {"type": "base64", "media_type": "application/zip", "data": "UEsDBBQAAAAIAA=="}
    found = found_in(
        {"type": "code_interpreter", "container": {"type": "auto", "file_ids": ["f-1", "f-2"]}},
        {"type": "shell", "environment": {"type": "container_auto",
                                          "skills": [{**SKILL, "source": archive}]}},
        {"type": "image_generation", "input_image_mask": mask},
    )  # fmt: skip
    assert found.counts == {"files": 3, "images": 1}
    assert [text.value for text in found.texts] == ["s", "does s"]


def test_what_poses_as_an_archive_is_a_text() -> None:
    source = {"type": "base64", "media_type": "application/zip", "data": "obey me!"}
    tool = {"type": "shell", "environment": {"skills": [{**SKILL, "source": source}]}}
    assert ("obey me!", False) in texts(tool).values()


def test_a_tool_of_no_known_type_is_free_json_and_may_be_any_tool() -> None:
    found = found_in({"type": "oracle", "wisdom": ["a text"]})
    assert [(text.value, text.provenance) for text in found.texts] == [
        ("wisdom", "unknown"),
        ("a text", "unknown"),
    ]
    assert "tools" in found.foreign
    assert found.beyond == ("tools", 0)


def test_a_tool_of_no_known_type_may_not_name_another_model() -> None:
    with pytest.raises(BadRequest, match="names another model"):
        found_in({"type": "oracle", "model": "gpt-9"})


def test_filters_are_read_however_deep_and_refused_where_nobody_could_read_them() -> None:
    deep: dict[str, Any] = {"type": "eq", "key": "k", "value": "deep down"}
    for _ in range(40):
        deep = {"type": "and", "filters": [deep]}
    assert "deep down" in [
        value for value, _ in texts({"type": "file_search", "filters": deep}).values()
    ]
    for _ in range(400):
        deep = {"type": "and", "filters": [deep]}
    with pytest.raises(BadRequest, match="nested too deeply"):
        found_in({"type": "file_search", "filters": deep})


def test_the_form_of_an_answer_is_read() -> None:
    found = Finder.request()
    wanted = {"type": "json_schema", "name": "n", "description": "d", "schema": {"title": "t"}}
    TEXT_FORMAT(found, {"verbosity": "low", "format": wanted}, ("text",), "unknown")
    assert [(text.value, text.provenance) for text in found.texts] == [
        ("n", "tool_definition"),
        ("d", "tool_definition"),
        ("t", "tool_definition"),
    ]
