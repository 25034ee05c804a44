"""Where texts stand in Ollama's API, after its reference, its Go types and its Python SDK.

Go's parser takes a key in any case, and lowers the case of roles besides. Keys that are known but
for their case are therefore refused in every object here, as are roles that are not known to the
letter. Schemas of tools are read whole, keys and all, so that case hides nothing in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.wire.exchange import pointer
from gateway.wire.leaves import (
    Finder,
    Shape,
    everything,
    ignored,
    json_text,
    media,
    name,
    schema,
    settings,
    text,
)
from gateway.wire.openai_prompt import PROMPT
from gateway.wire.reading import (
    counted,
    either,
    fields,
    in_answers,
    listing,
    record,
    said_by,
    speaker,
)
from gateway.wire.respellings import log_probabilities
from gateway.wire.vectors import vector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.terms import Provenance
    from gateway.wire.exchange import Path

__all__ = [
    "ANSWER",
    "ANSWER_MEMBERS",
    "CHAT",
    "EMBED",
    "GENERATE",
    "MESSAGE_MEMBERS",
    "VECTORS",
    "spoken_by",
]

_ROLES: Final[dict[str, Provenance]] = {
    "system": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}
_IMAGES: Final = listing(counted("images", media))
_CALL: Final = record(
    {
        **fields("id type", settings),
        "function": record(
            {
                "index": settings,
                "name": in_answers("call", name),
                "arguments": in_answers("argument", either(string=json_text, members=everything)),
            }
        ),
    }
)
MESSAGE_MEMBERS: Final[dict[str, Shape]] = {
    **fields("role tool_call_id", settings),
    **fields("content thinking", text),
    "images": _IMAGES,
    "tool_calls": listing(_CALL),
    "tool_name": name,
}
"""The members of a message, asked or answered."""

_MESSAGE: Final = record(MESSAGE_MEMBERS)


def _message(found: Finder, value: Any, path: Path, _: Provenance) -> None:
    if not isinstance(value, dict):
        raise found.wrong(path, "an object")
    role = value.get("role")
    _MESSAGE(found, value, path, speaker(found, role, path, _ROLES))


def _option(found: Finder, value: Any, path: Path, _: Provenance) -> None:
    # A number or a switch. A string is neither, and whatever it says is read.
    if isinstance(value, (str, dict, list)):
        everything(found, value, path, "unknown")


def _no_tokens(found: Finder, value: Any, path: Path, _: Provenance) -> None:
    if value != []:
        raise found.fault(
            f"{pointer(path)} must be empty: it spells earlier texts as numbers of tokens, which"
            " nobody here can read; send the texts"
        )


_OPTIONS: Final = record(
    {
        **fields(
            "num_ctx num_batch num_gpu main_gpu num_thread numa low_vram f16_kv logits_all"
            " vocab_only use_mmap use_mlock embedding_only num_keep seed num_predict top_k top_p"
            " min_p tfs_z typical_p repeat_last_n temperature repeat_penalty presence_penalty"
            " frequency_penalty mirostat mirostat_tau mirostat_eta penalize_newline"
            " draft_num_predict",
            _option,
        ),
        "stop": said_by("user", either(string=text, items=listing(text))),
    }
)
_FUNCTION: Final = record({"name": name, "description": text, "parameters": schema})
_TOOL: Final = record({"type": settings, "items": everything, "function": _FUNCTION})
_COMMON: Final[dict[str, Shape]] = {
    **fields(
        "model stream keep_alive think truncate shift logprobs top_logprobs _debug_render_only",
        settings,
    ),
    "options": _OPTIONS,
    "format": said_by("tool_definition", either(string=settings, members=schema)),
}

CHAT: Final = record(
    {
        **_COMMON,
        "messages": listing(_message),
        "tools": said_by("tool_definition", listing(_TOOL)),
    }
)
"""The body of a request for the next message of a chat."""

GENERATE: Final = record(
    {
        **_COMMON,
        **fields("raw width height steps", settings),
        **fields("prompt suffix", said_by("user", text)),
        **fields("system template", said_by("system", text)),
        "images": said_by("user", _IMAGES),
        "context": _no_tokens,
    }
)
"""The body of a request to go on with a text."""

EMBED: Final = record(
    {
        **fields("model truncate dimensions keep_alive", settings),
        "input": PROMPT,
        "options": _OPTIONS,
    }
)
"""The body of a request for vectors."""

_COUNTS: Final = fields(
    "model remote_model remote_host created_at done done_reason total_duration peak_memory"
    " load_duration prompt_eval_count prompt_eval_duration eval_count eval_duration",
    settings,
)
ANSWER_MEMBERS: Final[dict[str, Shape]] = {
    **_COUNTS,
    **fields("completed total", settings),
    "context": vector,
    **fields("response thinking", text),
    "tool_calls": listing(_CALL),
    "image": media,
    "logprobs": ignored,
    **fields("error _debug_info", everything),
}
"""The members of an answer, whole or a line of a stream, but for a chat's message."""


def spoken_by(answer: Mapping[str, Any]) -> dict[str, str]:
    """The text of an answer, or of a line, that its log probabilities spell again."""
    message = answer.get("message")
    parts = (answer, message) if isinstance(message, dict) else (answer,)
    words = (part.get(key) for part in parts for key in ("thinking", "response", "content"))
    return {"": "".join(word for word in words if isinstance(word, str))}


_ANSWER: Final = record({**ANSWER_MEMBERS, "message": _MESSAGE})


def _answer(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
    _ANSWER(found, value, path, provenance)
    log_probabilities(found, value.get("logprobs"), (*path, "logprobs"), spoken_by(value))


ANSWER: Final = _answer
"""The body of a whole answer to either, and of an error."""

VECTORS: Final = record({**_COUNTS, "embeddings": listing(vector), "error": everything})
"""The body of an answer of vectors."""
