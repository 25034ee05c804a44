"""Texts made to be dear are refused once reading has taken its time, and recorded as unread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from house import LEAN, House, build, chat
from scripted import ScriptedModel, stream_of, text_of, whole_of

from gateway.demo.running import serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEAR: Final = "to a@example.com " * 60_000
_EDIT: Final = {"drain: 30s": "drain: 30s, scan_time: 100ms"}


@pytest.fixture
def model() -> ScriptedModel:
    return ScriptedModel()


@pytest.fixture
def house(tmp_path: Path, model: ScriptedModel) -> Iterator[House]:
    with (
        serve(model) as upstream,
        build(tmp_path, upstream=upstream, edit=_EDIT, policy=LEAN) as house,
    ):
        yield house


def ask(house: House, text: str, **more: Any) -> tuple[Any, dict[str, Any]]:
    """The answer and what was recorded of it."""
    body = chat(text, **more)
    answer = house.client("analyst").post("/v1/chat/completions", json=body)
    return answer, house.records_of(answer.headers["x-gateway-event"])[-1]


def test_attack_a_dear_prompt_does_not_leave_and_the_next_one_does(
    house: House, model: ScriptedModel
) -> None:
    model.play(whole_of("openai", "Hello!"), content_type="application/json")
    answer, record = ask(house, DEAR)
    assert answer.status_code == 400
    assert model.asked == 0
    assert record["decision"] == "block"
    assert record["coverage"]["scanners"] == {"pii": "timeout"}
    assert ask(house, "hello")[0].status_code == 200


def test_attack_a_dear_answer_is_withheld(house: House, model: ScriptedModel) -> None:
    model.play(whole_of("openai", DEAR), content_type="application/json")
    answer, record = ask(house, "hello")
    assert b"@example.com" not in answer.content
    assert record["decision"] == "block"
    assert record["coverage"]["scanners"] == {"pii": "timeout"}


def test_attack_a_dear_event_of_a_stream_is_withheld(house: House, model: ScriptedModel) -> None:
    model.play(*stream_of("openai", "Hello, ", DEAR))
    answer, record = ask(house, "hello", stream=True)
    told = text_of("openai", answer.content)
    assert told.finish == "content_filter"
    assert "@example.com" not in str(told.texts)
    assert record["decision"] == "block"
    assert record["coverage"]["scanners"] == {"pii": "timeout"}
