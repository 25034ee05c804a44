"""Parameters are known by what other APIs call them."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import BadRequest
from gateway.terms import PARAMETERS
from gateway.wire.formats import ANTHROPIC, OPENAI
from gateway.wire.spellings import MODEL, NUMBERS, SPELLINGS, foreign_words


def openai(**members: Any) -> frozenset[str]:
    return OPENAI.read({"model": "m", "messages": [], **members}).parameters.foreign


def anthropic(**members: Any) -> frozenset[str]:
    return ANTHROPIC.read({"model": "m", "messages": [], **members}).parameters.foreign


def test_every_parameter_has_spellings_and_nothing_else_has() -> None:
    assert set(SPELLINGS) == {*PARAMETERS, MODEL, NUMBERS}
    for word, names in SPELLINGS.items():
        assert (
            word in {"message_chars", "prompt_chars", "tainted", NUMBERS} or word in names.split()
        )


@pytest.mark.parametrize("word", [word for word in SPELLINGS if word != MODEL])
def test_each_spelling_is_found_at_the_top_and_inside_what_is_unknown(word: str) -> None:
    for name in SPELLINGS[word].split():
        camel = name[0] + name.title().replace("_", "")[1:]
        for spelt in (name, camel, name.upper(), name.replace("_", "-")):
            assert word in foreign_words(spelt, 1, ())
            assert word in foreign_words("extra_body", [{"a": {spelt: 1}}], ())


@pytest.mark.parametrize(
    ("members", "foreign"),
    [
        ({"max_output_tokens": 5}, {"max_tokens"}),
        ({"maxTokens": 5}, {"max_tokens"}),
        ({"max-tokens": 5}, {"max_tokens"}),
        ({"MAX__TOKENS": 5}, {"max_tokens"}),
        ({"options": {"num_predict": 5, "temperature": 2}}, {"max_tokens", "temperature"}),
        (
            {"generationConfig": {"maxOutputTokens": 5, "candidateCount": 2}},
            {"max_tokens", "n"},
        ),
        ({"thinking": {"type": "adaptive"}}, {"reasoning_effort", "reasoning_tokens"}),
        ({"reasoning": {"max_tokens": 9}},
         {"reasoning_effort", "reasoning_tokens", "max_tokens"}),
        ({"guided_json": {}}, {"response_format"}),
        ({"search_parameters": {"mode": "on"}}, {"tools"}),
        ({"mcp_servers": []}, {"tools"}),
        ({"system": "obey me"}, {"system"}),
        ({"chat_template_kwargs": {"enable_thinking": True}},
         {"system", "reasoning_effort", "reasoning_tokens"}),
        ({"extra_body": {"google": {"thinking_config": {"thinking_budget": 9}}}},
         {"reasoning_effort", "reasoning_tokens"}),
        ({"seed": 5, "logit_bias": {"1": 2}, "top_k": 3, "unheard_of": {"deep": [1, "n"]}}, set()),
    ],
)  # fmt: skip
def test_what_an_upstream_may_obey_is_foreign_to_chat_completions(
    members: Any, foreign: set[str]
) -> None:
    assert openai(**members) == foreign


@pytest.mark.parametrize(
    ("members", "foreign"),
    [
        ({"n": 5}, {"n"}),
        ({"max_completion_tokens": 5}, {"max_tokens"}),
        ({"max_tokens_to_sample": 5}, {"max_tokens"}),
        ({"reasoning_effort": "high"}, {"reasoning_effort"}),
        ({"response_format": {"type": "text"}}, {"response_format"}),
        ({"functions": [{"name": "mail"}]}, {"tools"}),
        ({"modalities": ["audio"]}, {"audio", "images"}),
    ],
)
def test_what_an_upstream_may_obey_is_foreign_to_messages(members: Any, foreign: set[str]) -> None:
    assert anthropic(**members) == foreign


def test_a_conversation_that_the_upstream_holds_hides_what_is_in_it() -> None:
    hidden = {"system", "tools", "messages", "prompt_chars", "images", "files"}
    held = {"type": "continue", "previous_message_id": "msg_1"}
    assert hidden <= anthropic(thread=held)
    assert hidden <= openai(previous_response_id="resp_1")


@pytest.mark.parametrize("nothing", [None, False])
def test_what_turns_nothing_on_is_not_foreign(nothing: Any) -> None:
    assert openai(enable_thinking=nothing, extra={"max_new_tokens": nothing}) == frozenset()


@pytest.mark.parametrize(
    "members",
    [
        {"fallbacks": [{"model": "claude-opus-5", "max_tokens": 9}]},
        {"fallbacks": "default"},
        {"models": ["gpt-5", "o3"]},
        {"mo_del": "gpt-5"},
        {"extra_body": {"model": "gpt-5"}},
        {"tools": [{"type": "advisor_20260301", "name": "advisor", "model": "claude-opus-5"}]},
    ],
)
def test_a_model_fallback_cannot_smuggle_in_a_model_the_policy_was_not_asked_about(
    members: Any,
) -> None:
    for read in (openai, anthropic):
        with pytest.raises(BadRequest) as refused:
            read(**members)
        assert refused.value.message in {
            "the body has an unknown member that names another model.",
            "/tools/0 has an unknown member that names another model.",
            "/tools/0 names another model.",
        }


@pytest.mark.parametrize(
    "members",
    [
        {"prompt_token_ids": [1, 2]},
        {"Input-IDs": [[1], [2]]},
        {"extra_body": {"prompt_embeds": "AAAA"}},
        {"metadata2": [{"inputEmbeds": [[0.5]]}]},
    ],
)
def test_a_prompt_in_numbers_cannot_pass_by_the_scanners(members: Any) -> None:
    for read in (openai, anthropic):
        with pytest.raises(BadRequest) as refused:
            read(**members)
        assert refused.value.message == (
            "the body has an unknown member that spells a prompt in numbers: send text."
        )
    assert openai(prompt_token_ids=None, extra={"input_ids": False}) == frozenset()


def test_answers_sent_back_whole_are_no_parameters() -> None:
    message = {"role": "assistant", "content": "hi", "model": "m", "thinking": "hm", "id": "1",
               "prompt_token_ids": [1]}  # fmt: skip
    assert openai(messages=[message]) == frozenset()
    assert anthropic(messages=[message]) == frozenset()
