"""The demo model's own answers."""

from __future__ import annotations

from gateway.demo.default_reply import default_reply
from gateway.demo.reply import DemoMessage, DemoRequest, DemoTool


def ask(text: str, role: str = "user", tools: tuple[DemoTool, ...] = ()) -> DemoRequest:
    return DemoRequest("openai", "demo-small", (DemoMessage(role, text),), tools)


def test_it_restates_what_was_said() -> None:
    assert default_reply(ask("good morning")).whole == "Hello! You said: good morning"


def test_it_makes_up_personal_data() -> None:
    text = default_reply(ask("Give me sample personal data, please")).whole
    assert "ada@example.com" in text
    assert "4111 1111 1111 1111" in text


def test_it_tells_a_long_story_in_many_pieces() -> None:
    assert len(default_reply(ask("tell me a long story")).pieces) == 60


def test_it_calls_a_tool_with_arguments_of_the_right_types() -> None:
    rules = {
        "place": {"enum": ["Rome", "Oslo"]},
        "days": {"type": "integer"},
        "dry": {"type": "boolean"},
        "note": {"type": ["string", "null"]},
        "odd": True,
    }
    tool = DemoTool("weather", {"type": "object", "properties": rules})
    call = default_reply(ask("Call weather now", tools=(tool,))).tool_calls[0]
    assert call.arguments == {
        "place": "Rome",
        "days": 1,
        "dry": True,
        "note": "demo",
        "odd": "demo",
    }
    assert default_reply(ask("call weather", tools=())).tool_calls == ()


def test_it_repeats_a_tools_result() -> None:
    assert default_reply(ask("sunny", role="tool")).whole == "The tool said: sunny"
