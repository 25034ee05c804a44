"""What other APIs call the parameters, to know them where a format has no place for them.

Endpoints that speak a format often obey more than it says: what their own API calls a parameter,
what the server behind them calls it, or what is passed on to a chat template. A member that the
format does not know is therefore searched, with everything in it, for names of parameters.

After the references of OpenAI (chat completions, responses, legacy completions), Anthropic
(messages, text completions), Gemini, Vertex AI, Bedrock Converse, Cohere, Mistral, Ollama,
llama.cpp, vLLM, SGLang, TGI, OpenRouter, LiteLLM, Groq, xAI, DeepSeek, Qwen, Moonshot, Zhipu.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from gateway.wire.exchange import Path

__all__ = ["ANYTHING", "HELD", "MODEL", "NUMBERS", "SPELLINGS", "foreign_words"]

MODEL: Final = "model"
"""No parameter of the vocabulary: another model than the one that the policy was asked about."""

NUMBERS: Final = "numbers"
"""No parameter of the vocabulary either: a prompt that is spelt in numbers, which nobody reads."""

ANYTHING: Final = frozenset({"images", "audio", "files", "tools"})
"""What a part of no known type may be."""

_HELD: Final = (
    "thread conversation conversation_id previous_response_id previous_message_id cached_content"
)
"""A conversation that the upstream holds: its texts, parts and tools stand in no body."""

SPELLINGS: Final[dict[str, str]] = {
    "max_tokens": "max_tokens max_completion_tokens max_output_tokens max_new_tokens max_length"
    " max_tokens_to_sample max_gen_len max_generation_tokens num_predict n_predict"
    " tokens_to_generate",
    "temperature": "temperature",
    "top_p": "top_p p",
    "n": "n best_of candidate_count num_return_sequences num_generations num_results"
    " number_of_results n_cmpl num_completions",
    "stream": "stream streaming",
    "tools": "tools functions tool_config toolset tool_resources mcp_servers plugins connectors"
    " web_search web_search_options enable_search search_options search_parameters"
    " search_settings data_sources skills builtin_tools server_tools code_interpreter"
    f" compound_custom google_search {_HELD}",
    "tool_choice": "tool_choice function_call tool_config function_calling_config force_tool_use",
    "images": f"images image image_url image_data image_config videos video video_url {_HELD}"
    " modalities response_modalities multi_modal_data mm_processor_kwargs",
    "audio": f"audio audios audio_url input_audio speech_config {_HELD}"
    " modalities response_modalities multi_modal_data mm_processor_kwargs",
    "files": f"files file file_ids file_id documents document attachments {_HELD}"
    " multi_modal_data mm_processor_kwargs",
    "response_format": "response_format output_format output_config format json_schema json_mode"
    " json_object response_schema response_mime_type response_json_schema structured_outputs"
    " guided_json guided_regex guided_choice guided_grammar guided_decoding structural_tag"
    " grammar regex ebnf text_config",
    "reasoning_effort": "reasoning_effort effort output_config reasoning think thinking"
    " thinking_level thinking_config enable_thinking include_reasoning prompt_mode",
    "reasoning_tokens": "reasoning_tokens reasoning think thinking thinking_config"
    " thinking_budget budget_tokens thinking_token_budget reasoning_budget"
    " max_reasoning_tokens max_thinking_tokens reasoning_max_tokens enable_thinking"
    " include_reasoning prompt_mode",
    "system": "system system_prompt system_instruction system_message instructions preamble"
    f" chat_template chat_template_kwargs prompt_template safe_prompt preset {_HELD}",
    "messages": f"messages history chat_history contents input prompt {_HELD}",
    "message_chars": f"messages history chat_history contents input prompt {_HELD}",
    "prompt_chars": _HELD,
    "tainted": _HELD,
    MODEL: "model models fallbacks fallback_models fallback_model model_fallbacks model_id",
    NUMBERS: "prompt_embeds prompt_token_ids input_embeds input_ids",
}
"""Per parameter its names, as one string with spaces."""

HELD: Final = frozenset(word for word, names in SPELLINGS.items() if _HELD in names)
"""What nobody can say of a request that goes on with a conversation that the upstream holds."""

_RECALLED: Final = frozenset({"thinking", "reasoning", "think", "input", "format", "p", "n"})
"""What messages and tools call other things by than parameters: a model's earlier thoughts."""

_LONGEST: Final = 64


def foreign_words(key: str, value: Any, path: Path) -> frozenset[str]:
    """The parameters that a member which the format does not know may name.

    Names are compared without case, ``_`` and ``-``; null and false turn nothing on. ``path``
    leads to the object that the member stands in.
    """
    words = _words_in(key, value, inside=bool(path))
    if path[:1] not in {(), ("tools",)}:
        # Clients send whole answers back, and these name the model that wrote them.
        words.discard(MODEL)
    if path:
        words.discard(NUMBERS)
    return frozenset(words)


def _words_in(key: str, value: Any, *, inside: bool) -> set[str]:
    words: set[str] = set()
    stack: list[tuple[str, Any]] = [(key, value)]
    while stack:
        name, inner = stack.pop()
        if inner is None or inner is False:
            continue
        # Only short names are looked up, so that none of a client's making fills the cache.
        if len(name) <= _LONGEST and not (inside and name in _RECALLED):
            words |= _words_of(name)
        if isinstance(inner, dict):
            stack += inner.items()
        elif isinstance(inner, list):
            stack += [("", item) for item in inner if isinstance(item, (dict, list))]
    return words


@lru_cache(1024)
def _words_of(name: str) -> frozenset[str]:
    return _WORDS.get(_folded(name), frozenset())


def _folded(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "")


def _table() -> dict[str, frozenset[str]]:
    table: dict[str, frozenset[str]] = {}
    for word, names in SPELLINGS.items():
        for name in map(_folded, names.split()):
            table[name] = table.get(name, frozenset()) | {word}
    return table


_WORDS: Final = _table()
