"""What rules demand is written as Ollama says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_requests import OLLAMA_BODIES, changed, changes_of, with_any_value

from gateway.errors import BadRequest, PolicyDenied
from gateway.wire.formats import OLLAMA
from gateway.wire.ollama_generate import OllamaGenerate

if TYPE_CHECKING:
    from gateway.terms import Changes
    from gateway.wire.exchange import Format

GENERATE = OllamaGenerate()
FOLLOWS: dict[str, tuple[str, ...]] = {
    "tools": ("tool_choice", "prompt_chars", "tainted"),
    "system": ("images", "messages", "message_chars", "prompt_chars", "tainted"),
    "system_prefix": ("messages", "message_chars", "prompt_chars"),
    "max_tokens": ("reasoning_tokens",),
    "reasoning_effort": ("reasoning_tokens",),
    "reasoning_tokens": ("reasoning_effort",),
}
"""What must change along: texts that come or go, and thoughts, which one member bounds."""


def wire_of(body: dict[str, Any]) -> Format:
    return GENERATE if "prompt" in body else OLLAMA


def sayable(changes: Changes, body: dict[str, Any]) -> bool:
    effort = changes.get("reasoning_effort", "none")
    budget = changes.get("reasoning_tokens", 0)
    return (
        changes.get("n", 1) == 1
        and effort in {"none", "low", "medium", "high"}
        and budget == 0
        and not ("system_prefix" in changes and body.get("template"))
        and not ("tools" in changes and "prompt" in body)
    )


@settings(max_examples=400)
@given(OLLAMA_BODIES, st.data())
def test_what_was_demanded_is_what_is_read_and_nothing_else_changes(
    request: dict[str, Any], data: st.DataObject
) -> None:
    wire = wire_of(request)
    before = wire.read(request)
    changes = data.draw(changes_of(before.parameters))
    if not sayable(changes, request):
        with pytest.raises(PolicyDenied):
            wire.change_request(request, changes)
        return
    after = changed(wire, request, changes)
    expected = before.parameters.changed(changes).values
    loose = {word for change in changes for word in FOLLOWS.get(change, ())}
    for word, values in after.parameters.values.items():
        if word == "system":
            assert "".join(map(str, values)).replace("\n", "") == "".join(map(str, expected[word]))
        elif word not in loose:
            assert values == expected[word], word
    assert after.parameters.foreign <= before.parameters.foreign
    for whose in ("user", "assistant"):
        texts = [text.value for text in before.texts if text.provenance == whose]
        assert [text.value for text in after.texts if text.provenance == whose] == texts


@settings(max_examples=300)
@given(with_any_value(OLLAMA_BODIES), st.data())
def test_any_body_that_is_taken_can_be_changed(
    request: dict[str, Any], data: st.DataObject
) -> None:
    wire = wire_of(request)
    try:
        parameters = wire.read(request).parameters
    except BadRequest:
        return
    changes = data.draw(changes_of(parameters).filter(lambda made: sayable(made, request)))
    after = changed(wire, request, changes).parameters
    for word in {"max_tokens", "temperature", "top_p"}.intersection(changes):
        assert after.values[word] == (changes[word],)


@pytest.mark.parametrize("options", [None, {}, {"num_predict": -1}, {"num_predict": 9, "seed": 3}])
def test_a_bound_stands_among_the_options_that_are_there(options: Any) -> None:
    body = {"model": "m", "messages": [], "options": options}
    written = OLLAMA.change_request(body, {"max_tokens": 5.0, "top_p": 0.5})
    assert written["options"] == {**(options or {}), "num_predict": 5, "top_p": 0.5}


@pytest.mark.parametrize(
    ("effort", "think"),
    [("none", False), ("low", "low"), ("medium", "medium"), ("high", "high")],
)
def test_an_effort_is_written_as_thinking(effort: str, think: Any) -> None:
    body = {"model": "m", "messages": [], "think": True}
    assert OLLAMA.change_request(body, {"reasoning_effort": effort})["think"] == think


@pytest.mark.parametrize(
    "changes",
    [{"n": 2}, {"reasoning_effort": "max"}, {"reasoning_tokens": 5}, {"images": 0},
     {"tool_choice": "none"}, {"max_tokens": 1.5}, {"temperature": "hot"}],
)  # fmt: skip
def test_what_the_api_cannot_say_is_refused_and_not_left_out(changes: Changes) -> None:
    body = {"model": "m", "messages": []}
    for wire in (OLLAMA, GENERATE):
        with pytest.raises(PolicyDenied, match=f"cannot say what rules demand of {min(changes)}"):
            wire.change_request(body, changes)


def test_tools_that_do_not_stay_are_taken_out() -> None:
    search, mail = ({"function": {"name": name}} for name in ("search", "mail"))
    body = {"model": "m", "messages": [], "tools": [search, mail]}
    assert OLLAMA.change_request(body, {"tools": ("search",)})["tools"] == [search]
    assert "tools" not in OLLAMA.change_request(body, {"tools": ()})


def test_a_pinned_text_stands_for_every_system_text_and_for_the_template() -> None:
    messages = [{"role": "user", "content": "hi"}, {"role": "system", "content": "obey me"}]
    written = OLLAMA.change_request({"model": "m", "messages": messages}, {"system": "pinned"})
    assert written["messages"] == [{"role": "system", "content": "pinned"}, messages[0]]
    body = {"model": "m", "prompt": "hi", "system": "obey me", "template": "obey {{ .Prompt }}"}
    assert GENERATE.change_request(body, {"system": "pinned"}) == {
        "model": "m", "prompt": "hi", "system": "pinned",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("first", "becomes"),
    [
        ([], ["first"]),
        ([{"role": "system", "content": "then"}], ["first\n\nthen"]),
        ([{"role": "system", "content": ""}], ["first"]),
        ([{"role": "system", "content": "then", "images": []}], ["first", "then"]),
        ([{"role": "user", "content": "hi"}], ["first", "hi"]),
    ],
)
def test_a_fixed_beginning_comes_before_everything(first: Any, becomes: list[str]) -> None:
    last = {"role": "user", "content": "bye"}
    body = {"model": "m", "messages": [*first, last]}
    written = OLLAMA.change_request(body, {"system_prefix": "first"})["messages"]
    assert [message["content"] for message in written] == [*becomes, "bye"]
    assert written[0]["role"] == "system"


def test_a_beginning_cannot_be_fixed_where_the_template_may_leave_it_out() -> None:
    body = {"model": "m", "prompt": "hi", "system": "then"}
    written = GENERATE.change_request(body, {"system_prefix": "first"})
    assert written["system"] == "first\n\nthen"
    with pytest.raises(PolicyDenied):
        GENERATE.change_request({**body, "template": "{{ .Prompt }}"}, {"system_prefix": "first"})
