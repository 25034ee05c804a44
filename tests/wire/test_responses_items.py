"""Where texts stand in the items of responses, and whose they are."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import BadRequest
from gateway.wire.leaves import Finder
from gateway.wire.responses_items import item
from gateway.wire.spellings import ANYTHING, HELD


def read(value: Any) -> Finder:
    found = Finder.request()
    item(found, value, ("input", 0), "unknown")
    return found


def texts(value: Any) -> dict[str, tuple[str, str, bool]]:
    return {
        t.where.removeprefix("/input/0/"): (t.value, t.provenance, t.rewritable)
        for t in read(value).texts
    }


def said(whose: str, value: str, *, rewritable: bool = True) -> tuple[str, str, bool]:
    return value, whose, rewritable


PICTURE = "https://example.com/a.png"
FOUND = {"file_id": "f-1", "filename": "a b.txt", "text": "cats", "attributes": {"by": "Ada"}}
SEARCH = {"type": "search", "query": "q", "queries": ["r"], "sources": [{"url": "https://a.b"}]}
EXEC = {"type": "exec", "command": ["ls"], "env": {"A": "b"}, "user": "u", "working_directory": "/"}
EXAMPLES: dict[str, tuple[dict[str, Any], dict[str, tuple[str, str, bool]]]] = {
    "function_call": (
        {"call_id": "c", "name": "f", "namespace": "n", "arguments": '{"a":"b"}'},
        {
            "name": said("assistant", "f", rewritable=False),
            "namespace": said("assistant", "n", rewritable=False),
            "arguments#/a": said("assistant", "b"),
        },
    ),
    "function_call_output": ({"output": "done"}, {"output": said("tool", "done")}),
    "custom_tool_call": (
        {"name": "f", "input": "ls"},
        {"name": said("assistant", "f", rewritable=False), "input": said("assistant", "ls")},
    ),
    "custom_tool_call_output": (
        {"output": [{"type": "input_text", "text": "x"}]},
        {"output/0/text": said("tool", "x")},
    ),
    "reasoning": (
        {
            "summary": [{"type": "summary_text", "text": "s"}],
            "content": [{"type": "reasoning_text", "text": "t"}],
            "encrypted_content": "gAAAAABo",
        },
        {"summary/0/text": said("assistant", "s"), "content/0/text": said("assistant", "t")},
    ),
    "compaction": ({"encrypted_content": "gAAAAABo"}, {}),
    "compaction_trigger": ({}, {}),
    "file_search_call": (
        {"queries": ["q"], "results": [FOUND]},
        {
            "queries/0": said("assistant", "q"),
            "results/0/filename": said("document", "a b.txt"),
            "results/0/text": said("document", "cats"),
            "results/0/attributes/by": said("document", "Ada"),
        },
    ),
    "web_search_call": (
        {"action": SEARCH},
        {
            "action/query": said("assistant", "q"),
            "action/queries/0": said("assistant", "r"),
            "action/sources/0/url": said("tool", "https://a.b"),
        },
    ),
    "computer_call": (
        {
            "action": {"type": "type", "text": "typed"},
            "actions": [{"type": "keypress", "keys": ["CTRL"]}],
            "pending_safety_checks": [{"id": "1", "code": "c", "message": "careful"}],
        },
        {
            "action/text": said("assistant", "typed"),
            "actions/0/keys/0": said("assistant", "CTRL"),
            "pending_safety_checks/0/message": said("assistant", "careful"),
        },
    ),
    "computer_call_output": (
        {"output": {"type": "computer_screenshot", "image_url": PICTURE}},
        {"output/image_url": said("tool", PICTURE)},
    ),
    "code_interpreter_call": (
        {"code": "1+1", "outputs": [{"type": "logs", "logs": "2"}]},
        {"code": said("assistant", "1+1"), "outputs/0/logs": said("tool", "2")},
    ),
    "image_generation_call": (
        {"result": "iVBORw0KGgo=", "revised_prompt": "a cat", "error": {"message": "no"}},
        {"revised_prompt": said("assistant", "a cat"), "error/message": said("assistant", "no")},
    ),
    "local_shell_call": (
        {"action": EXEC},
        {
            "action/command/0": said("assistant", "ls"),
            "action/env/A": said("assistant", "b"),
            "action/user": said("assistant", "u"),
            "action/working_directory": said("assistant", "/"),
        },
    ),
    "local_shell_call_output": ({"output": "o"}, {"output": said("tool", "o")}),
    "shell_call": (
        {"action": {"commands": ["ls"]}, "environment": {"type": "local"}},
        {"action/commands/0": said("assistant", "ls")},
    ),
    "shell_call_output": (
        {"output": [{"stdout": "o", "stderr": "e", "outcome": {"type": "exit", "exit_code": 0}}]},
        {"output/0/stdout": said("tool", "o"), "output/0/stderr": said("tool", "e")},
    ),
    "apply_patch_call": (
        {"operation": {"type": "update_file", "path": "a b", "diff": "+ c"}},
        {"operation/path": said("assistant", "a b"), "operation/diff": said("assistant", "+ c")},
    ),
    "apply_patch_call_output": ({"output": "ok"}, {"output": said("tool", "ok")}),
    "mcp_list_tools": (
        {
            "server_label": "c",
            "tools": [{"name": "l", "description": "d", "input_schema": {"title": "t"},
                       "annotations": {"k": "a"}}],
            "error": "it broke",
        },
        {
            "server_label": said("assistant", "c", rewritable=False),
            "tools/0/name": said("tool_definition", "l", rewritable=False),
            "tools/0/description": said("tool_definition", "d"),
            "tools/0/input_schema/title": said("tool_definition", "t"),
            "tools/0/annotations/k": said("tool_definition", "a"),
            "error": said("tool", "it broke"),
        },
    ),
    "mcp_approval_request": (
        {"server_label": "c", "name": "l", "arguments": '{"a":"b"}'},
        {
            "server_label": said("assistant", "c", rewritable=False),
            "name": said("assistant", "l", rewritable=False),
            "arguments#/a": said("assistant", "b"),
        },
    ),
    "mcp_approval_response": (
        {"approve": True, "reason": "fine"},
        {"reason": said("user", "fine")},
    ),
    "mcp_call": (
        {"server_label": "c", "name": "l", "arguments": "{", "output": "o",
         "error": {"type": "mcp_tool_execution_error", "message": "m", "content": ["it broke"]}},
        {
            "server_label": said("assistant", "c", rewritable=False),
            "name": said("assistant", "l", rewritable=False),
            "arguments": said("assistant", "{"),
            "output": said("tool", "o"),
            "error/message": said("tool", "m"),
            "error/content/0": said("tool", "it broke"),
        },
    ),
    "tool_search_call": ({"arguments": {"a": "b"}}, {"arguments/a": said("assistant", "b")}),
    "tool_search_output": (
        {"tools": [{"type": "function", "name": "f", "description": "d"}]},
        {
            "tools/0/name": said("tool_definition", "f", rewritable=False),
            "tools/0/description": said("tool_definition", "d"),
        },
    ),
    "additional_tools": (
        {"role": "developer", "tools": [{"type": "custom", "name": "f"}]},
        {"tools/0/name": said("tool_definition", "f", rewritable=False)},
    ),
    "configuration_update": (
        {"reasoning": {"effort": "low"}, "text": {"format": {"type": "text", "description": "d"}}},
        {"text/format/description": said("tool_definition", "d")},
    ),
    "program": ({"code": "run", "fingerprint": "abc"}, {"code": said("assistant", "run")}),
    "program_output": ({"result": "ran"}, {"result": said("tool", "ran")}),
}  # fmt: skip


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_text_of_an_item_is_found_with_whose_it_is(kind: str) -> None:
    value, expected = EXAMPLES[kind]
    whole = {"type": kind, "id": "i_1", "status": "completed", **value}
    assert texts(whole) == expected
    found = read(whole)
    assert (found.foreign, found.beyond) == (set(), None)


@pytest.mark.parametrize(
    ("kind", "tool", "value", "arguments"),
    [
        ("shell_call", "shell", {"action": {"commands": ["ls -l"]}}, ["ls -l"]),
        ("local_shell_call", "local_shell", {"action": EXEC}, ["ls", "A", "b", "u", "/"]),
        ("apply_patch_call", "apply_patch", {"operation": {"path": "a", "diff": "b"}}, ["a", "b"]),
        ("computer_call", "computer", {"action": {"type": "type", "text": "hi you"}}, ["hi you"]),
        ("computer_call", "computer", {"actions": [{"type": "type", "text": "hi"}]}, ["hi"]),
        ("code_interpreter_call", "code_interpreter", {"code": "1 + 1"}, ["1 + 1"]),
        ("web_search_call", "web_search", {"action": {"query": "a b"}}, ["a b"]),
        ("file_search_call", "file_search", {"queries": ["a b"]}, ["a b"]),
        ("image_generation_call", "image_generation", {"revised_prompt": "a b"}, ["a b"]),
        ("tool_search_call", "tool_search", {"arguments": {"a": "b"}}, ["a", "b"]),
    ],
)  # fmt: skip
def test_bug_an_item_that_calls_a_tool_by_its_kind_was_the_call_of_none(
    kind: str, tool: str, value: dict[str, Any], arguments: list[str]
) -> None:
    found = Finder.answer()
    item(found, {"type": kind, **value}, ("output", 0), "answer")
    name, *others = found.texts
    assert (name.value, name.provenance, name.where) == (tool, "call", "/output/0/type")
    assert not name.rewritable
    assert [text.value for text in others if text.provenance == "argument"] == arguments


@pytest.mark.parametrize(
    ("role", "whose"),
    [("user", "user"), ("system", "system"), ("developer", "system"), ("assistant", "assistant"),
     ("tool", "tool")],
)  # fmt: skip
def test_a_message_is_its_roles(role: str, whose: str) -> None:
    for message in (
        {"role": role, "content": "x"},
        {"type": "message", "role": role, "content": "x"},
    ):
        assert texts(message) == {"content": said(whose, "x")}


@pytest.mark.parametrize("role", ["User", "root", ""])
def test_bug_a_role_that_the_api_does_not_have_was_passed_on(role: str) -> None:
    with pytest.raises(BadRequest, match=r"^/input/0/role must be one of assistant, developer,"):
        texts({"role": role, "content": "x"})


def test_every_part_of_a_message_is_read_or_counted() -> None:
    parts = [
        {"type": "input_text", "text": "a"},
        {"type": "output_text", "text": "b", "annotations": [{"title": "t"}]},
        {"type": "refusal", "refusal": "c"},
        {"type": "input_image", "image_url": PICTURE, "detail": "low"},
        {"type": "input_file", "filename": "d e", "file_url": "https://a.b", "file_id": "f-1"},
        {"type": "input_file", "file_data": "aGVsbG8gdGhlcmUsIGhvdyBhcmUgeW91Pw=="},
        {"type": "input_audio", "input_audio": {"data": "UklGRgAA", "format": "wav"}},
    ]  # fmt: skip
    found = read({"role": "user", "content": parts})
    assert [(text.value, text.provenance) for text in found.texts] == [
        ("a", "user"),
        ("b", "user"),
        ("t", "user"),
        ("c", "user"),
        (PICTURE, "user"),
        ("d e", "document"),
        ("https://a.b", "document"),
        ("hello there, how are you?", "document"),
    ]
    assert found.counts == {"images": 1, "files": 2, "audio": 1}


def test_an_item_that_is_only_named_is_held_upstream() -> None:
    for named in ({"type": "item_reference", "id": "msg_1"}, {"id": "msg_1"}):
        assert texts(named) == {}
        assert read(named).foreign == HELD


def test_an_item_of_no_known_kind_is_free_json_and_may_be_anything() -> None:
    found = read({"type": "oracle", "wisdom": {"deep": "x"}, "temperature": 9})
    assert [(text.value, text.provenance) for text in found.texts] == [
        ("wisdom", "unknown"),
        ("deep", "unknown"),
        ("x", "unknown"),
        ("temperature", "unknown"),
    ]
    assert found.foreign == ANYTHING | {"temperature"}
    assert found.beyond == ("input", 0)


def test_log_probabilities_are_read_where_they_say_more_than_their_text() -> None:
    other = {"token": "dog", "logprob": -2}
    chosen = {"token": "cat", "logprob": -1, "bytes": [99, 97, 116], "top_logprobs": [other]}
    part = {"type": "output_text", "text": "a cat", "logprobs": [chosen]}
    message = {"type": "message", "role": "assistant", "content": [part]}
    assert texts(message) == {
        "content/0/text": said("assistant", "a cat"),
        "content/0/logprobs#//0": said("assistant", "dog"),
    }
    part["logprobs"] = [{"token": "a hidden text", "logprob": -1}]
    assert "a hidden text" in [value for value, *_ in texts(message).values()]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("x", "/input/0 must be an object"),
        ({"type": 3}, "/input/0/type must be a string"),
        ({"type": "message"}, "/input/0/role must be a string"),
        ({"role": "user", "content": 3}, "/input/0/content must be a string or a list"),
        ({"role": "user", "Content": "x"}, "/input/0/content is spelt in another case"),
        (
            {"type": "function_call", "arguments": 3},
            "/input/0/arguments must be a string or an object",
        ),
    ],
)  # fmt: skip
def test_a_malformed_item_is_refused_with_its_place(value: Any, reason: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read(value)
    assert caught.value.reason == reason
