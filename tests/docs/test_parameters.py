"""The page on parameters is true: each of its rows is read, or written, as it says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gateway.errors import BadRequest, PolicyDenied
from gateway.terms import EFFORTS, PARAMETERS
from gateway.wire.exchange import IN_BODY, Target
from gateway.wire.formats import ANTHROPIC, GEMINI, OLLAMA, OPENAI
from gateway.wire.gemini_embeddings import GeminiEmbeddings
from gateway.wire.ollama_embed import OllamaEmbed
from gateway.wire.ollama_generate import OllamaGenerate
from gateway.wire.openai_completions import OpenAICompletions
from gateway.wire.openai_embeddings import OpenAIEmbeddings
from gateway.wire.openai_responses import OpenAIResponses
from gateway.wire.spellings import MODEL, NUMBERS, SPELLINGS

if TYPE_CHECKING:
    from gateway.wire.exchange import Format

PAGE = (Path(__file__).parents[2] / "docs" / "parameters.md").read_text()
TITLES: dict[str, tuple[Format, dict[str, Any]]] = {
    "OpenAI: chat completions": (OPENAI, {"model": "m", "messages": []}),
    "OpenAI: completions": (OpenAICompletions(), {"model": "m", "prompt": []}),
    "OpenAI: embeddings": (OpenAIEmbeddings(), {"model": "m", "input": []}),
    "OpenAI: responses": (OpenAIResponses(), {"model": "m"}),
    "Anthropic: messages": (ANTHROPIC, {"model": "m", "messages": []}),
    "Gemini: generate content": (GEMINI, {"contents": []}),
    "Gemini: embeddings": (GeminiEmbeddings(), {"content": {}}),
    "Ollama: chat": (OLLAMA, {"model": "m", "messages": []}),
    "Ollama: generate": (OllamaGenerate(), {"model": "m"}),
    "Ollama: embed": (OllamaEmbed(), {"model": "m", "input": []}),
}
"""Per section its format, and what every body of it has."""


def target_of(wire: Format) -> Target:
    """What a path says: of Gemini's the model, and whether to stream; of others nothing."""
    return Target("m", stream=False) if wire.name == "gemini" else IN_BODY


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(title: str) -> list[list[str]]:
    lines = re.findall(r"^\| (.+) \|$", section(title), re.MULTILINE)
    return [[cell.strip() for cell in line.split(" | ")] for line in lines[1:]]


def code(cell: str) -> Any:
    return json.loads(cell.strip("`"))


def names_in(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


READ = [
    pytest.param(title, *row, id=f"{title} {row[0]} {row[2]}")
    for title in TITLES
    for row in rows(title)
]
WRITTEN = [pytest.param(*row, id=" ".join(row[:3])) for row in rows("What clamping writes")]


@pytest.mark.parametrize(("title", "word", "where", "example", "value"), READ)
def test_each_example_asks_for_what_its_row_says(
    title: str, word: str, where: str, example: str, value: str
) -> None:
    wire, base = TITLES[title]
    parameters = wire.read({**base, **code(example)}, target_of(wire)).parameters
    word = word.strip("`")
    assert list(parameters.values[word]) == code(value)
    assert parameters.foreign == frozenset()
    assert (word in parameters.inexpressible) is (where == "inexpressible")


@pytest.mark.parametrize("title", [*TITLES, "The words"])
def test_every_word_has_a_row_for_every_format(title: str) -> None:
    assert {names_in(row[0])[0] for row in rows(title)} == set(PARAMETERS)


@pytest.mark.parametrize(("name", "change", "request_", "becomes"), WRITTEN)
def test_each_change_is_written_as_its_row_says(
    name: str, change: str, request_: str, becomes: str
) -> None:
    changes = {
        word: tuple(value) if isinstance(value, list) else value
        for word, value in code(change).items()
    }
    wire, base = TITLES[name]
    body = {**base, **code(request_)}
    if becomes == "refused":
        with pytest.raises(PolicyDenied):
            wire.change_request(body, changes)
    else:
        assert wire.change_request(body, changes) == {**base, **code(becomes)}


def test_the_page_lists_exactly_the_spellings_that_are_known() -> None:
    held, words = re.findall(
        r"^A conversation that the upstream holds .*?tools\. (.+) make (.+) foreign\.$",
        PAGE,
        re.MULTILINE,
    )[0]
    listed = {names_in(word)[0]: set(names_in(names)) for word, names in rows(
        "Spellings of other APIs"
    )}  # fmt: skip
    for word in names_in(words):
        listed[word] = listed.get(word, set()) | set(names_in(held))
    models = re.findall(r"names further models \((.+?), or `model` inside", PAGE)[0]
    listed[MODEL] = {MODEL, *names_in(models)}
    listed[NUMBERS] = set(names_in(section("Prompts in numbers")))
    assert listed == {word: set(names.split()) for word, names in SPELLINGS.items()}


def test_the_efforts_are_those_that_there_are() -> None:
    (row,) = (row for row in rows("The words") if row[0] == "`reasoning_effort`")
    assert tuple(names_in(row[2])) == EFFORTS


@pytest.mark.parametrize("field", names_in(section("Other models").partition("inside such")[0]))
def test_other_models_are_refused_as_the_page_says(field: str) -> None:
    spelt = field if field != "model" else "mo-del"
    for wire, base in TITLES.values():
        with pytest.raises(BadRequest, match="names another model"):
            wire.read({**base, spelt: ["another"]}, target_of(wire))


@pytest.mark.parametrize("field", names_in(section("Prompts in numbers")))
def test_prompts_in_numbers_are_refused_as_the_page_says(field: str) -> None:
    for wire, base in TITLES.values():
        with pytest.raises(BadRequest, match="spells a prompt in numbers"):
            wire.read({**base, field: [1]}, target_of(wire))
