"""The SDKs send nothing that their format does not know: a policy may refuse all else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import anthropic
import openai
import pytest
from house import LEAN, House, build

if TYPE_CHECKING:
    from collections.abc import Iterator

PIXEL: Final = "iVBORw0KGgo="
SCHEMA: Final = {
    "type": "object",
    "properties": {"city": {"type": "string", "description": "Where it is."}},
}


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    policy = LEAN.replace("capture: sealed", "capture: sealed, unknown_fields: refuse")
    with build(tmp_path_factory.mktemp("strict"), policy=policy) as house:
        yield house


@pytest.fixture
def gpt(strict: House) -> openai.OpenAI:
    token = strict.token("analyst")
    client = openai.OpenAI(base_url=f"{strict.url}/v1", api_key=token, max_retries=0)
    return strict.clients.enter_context(client)


@pytest.fixture
def claude(strict: House) -> anthropic.Anthropic:
    client = anthropic.Anthropic(base_url=strict.url, api_key=strict.token("analyst"))
    return strict.clients.enter_context(client)


def _conversation(gpt: openai.OpenAI, **more: Any) -> Any:
    weather: Any = {"name": "weather", "description": "Tells it.", "parameters": SCHEMA}
    messages: Any = [
        {"role": "system", "content": "You are kind."},
        {"role": "user", "content": [
            {"type": "text", "text": "What is this, and how is the weather?"},
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}]},
        {"role": "assistant", "tool_calls": [{"id": "c1", "type": "function",
         "function": {"name": "weather", "arguments": '{"city": "New York"}'}}]},
        {"role": "tool", "tool_call_id": "c1", "content": "sunny"},
    ]  # fmt: skip
    return gpt.chat.completions.create(
        model="demo-small",
        messages=messages,
        tools=[{"type": "function", "function": weather}],
        temperature=0.5,
        max_tokens=50,
        user="ada",
        metadata={"a ticket": "number 42"},
        **more,
    )


def test_openai_plain_and_streamed(gpt: openai.OpenAI) -> None:
    assert _conversation(gpt).choices[0].finish_reason
    assert list(_conversation(gpt, stream=True, stream_options={"include_usage": True}))


def test_what_openai_does_not_know_is_its_own_exception(gpt: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="the body has a field or a value"):
        _conversation(gpt, extra_body={"guardrails": False})


def test_anthropic_plain_streamed_and_counted(claude: anthropic.Anthropic) -> None:
    body: Any = {
        "model": "demo-small",
        "system": [{"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral"}}],
        "tools": [{"name": "weather", "description": "Tells it.", "input_schema": SCHEMA}],
        "messages": [
            {"role": "user", "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image",
                 "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}]},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "weather",
                                               "input": {"the city": "New York"}}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": "sunny"}]},
        ],
    }  # fmt: skip
    assert claude.messages.create(**body, max_tokens=50).content
    with claude.messages.stream(**body, max_tokens=50) as stream:
        assert stream.get_final_text()
    changed: Any = [{"role": "user", "content": "hi", "weight": 1}]
    with pytest.raises(anthropic.BadRequestError, match="/messages/0 has a field"):
        claude.messages.create(model="demo-small", max_tokens=5, messages=changed)
