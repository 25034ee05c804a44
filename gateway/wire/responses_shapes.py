"""Where texts stand in OpenAI's responses, after its API reference and Python SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.errors import Refusal
from gateway.wire.leaves import everything, ignored, media, name, settings, text
from gateway.wire.reading import either, fields, listing, record, said_by
from gateway.wire.responses_items import ANNOTATION, ERROR, PART, SHELL_OUTPUT, item, spelling
from gateway.wire.responses_tools import TEXT_FORMAT, TOOL_CHOICE, TOOLS

if TYPE_CHECKING:
    from gateway.terms import Provenance
    from gateway.wire.exchange import Path
    from gateway.wire.leaves import Finder

__all__ = ["ANSWER", "ECHOED", "EVENT", "REQUEST", "SOUND_EVENT"]

_VARIABLE: Final = either(string=text, members=PART)


def _variables(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
    """What is put into a template, under names of the client; the template is held upstream."""
    if not isinstance(value, dict):
        raise found.wrong(path, "an object")
    before, beyond = len(found.texts), found.beyond
    try:
        for key, inner in value.items():
            name(found, key, (*path, key), provenance)
            _VARIABLE(found, inner, (*path, key), provenance)
    except Refusal:
        # No error may repeat what a client calls its variables.
        raise found.wrong(path, "an object of texts and parts") from None
    if beyond is None and any(one.provenance == "unknown" for one in found.texts[before:]):
        found.beyond = path


_PROMPT: Final = record({"id": settings, "version": settings, "variables": _variables})
_SHARED: Final = {
    **fields(
        "access_programs background image max_output_tokens max_tool_calls model moderation"
        " parallel_tool_calls previous_response_id prompt_cache_options prompt_cache_retention"
        " reasoning service_tier store temperature top_logprobs top_p truncation"
        " conversation",
        settings,
    ),
    "tools": TOOLS,
    "tool_choice": TOOL_CHOICE,
    "text": TEXT_FORMAT,
    "prompt": said_by("user", _PROMPT),
    "metadata": said_by("user", everything),
    **fields("user safety_identifier prompt_cache_key", said_by("user", text)),
}

REQUEST: Final = record(
    {
        **_SHARED,
        **fields("stream stream_options background_options context_management include", settings),
        "instructions": said_by("system", text),
        "input": either(string=said_by("user", text), items=listing(item)),
    }
)
"""The body of a request."""

ECHOED: Final = frozenset(_SHARED) | {"instructions"}
"""The members of a request that its answer says again."""

ANSWER: Final = record(
    {
        **_SHARED,
        **fields(
            "id object created_at completed_at status usage tool_usage billing"
            " incomplete_details input_transformations prompt_cache_diagnostics",
            settings,
        ),
        "instructions": either(string=text, items=listing(item)),
        "output": listing(item),
        "output_text": text,
        "error": either(string=text, members=ERROR),
    }
)
"""The body of a whole answer, and of an error."""

_SAID: Final = either(string=text, items=everything, members=everything)
_EVENT: Final = {
    **fields(
        "type sequence_number output_index content_index summary_index annotation_index"
        " command_index partial_image_index item_id stream_id obfuscation status code param"
        " background output_format quality size",
        settings,
    ),
    "response": ANSWER,
    "item": item,
    "part": PART,
    "annotation": ANNOTATION,
    "logprobs": ignored,
    "name": name,
    **fields("delta text refusal input arguments code command diff message", _SAID),
    "output": either(string=text, items=SHELL_OUTPUT, members=everything),
    "error": either(string=text, members=ERROR),
    "partial_image_b64": media,
}

EVENT: Final = spelling(record(_EVENT))
"""An event of a stream."""

SOUND_EVENT: Final = record({**_EVENT, "delta": media})
"""An event of a stream that carries sound."""
