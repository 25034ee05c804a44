"""OpenAI's responses by its SDK's own types: what they are, and what is left unread of them."""

from __future__ import annotations

from typing import Any

from openai.types.responses import Response, ResponseStreamEvent
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming

__all__ = ["UNREAD", "Response", "ResponseStreamEvent", "Sent", "ask_responses"]

Sent = ResponseCreateParamsNonStreaming

UNREAD = (
    "*.id",
    "*_id",
    "*_ids",
    "*.model",
    "*.size",
    "*.created_by",
    "*.file_data",
    "*.encrypted_content",
    "*SafetyCheck.code",
    "*.container",
    "InlineSkillSource*.data",
    "ImageGenerationCall.result",
    "ImageGenerationCallError.*",
    "ImageGenerationCallErrorModerationDetails.categories",
    "ResponseImageGenCallPartialImageEvent.*",
    "ResponseAudioDeltaEvent.delta",
    "ResponseShellCallCommandDeltaEvent.obfuscation",
    "Moderation*Error.code",
    "Moderation*Error.message",
    "Moderation*Result.categor* key",
    "ResponseError*.param",
    "ResponseError.type",
    "Program.fingerprint",
    "Reasoning.mode",
    "ResponsePrompt*.version",
    "SkillReference*.version",
    "ContextManagement.type",
)
"""Places of ids, words of enumerations and media."""


def ask_responses(body: Any) -> None:
    """Takes out of a request what is refused for another reason than its texts."""
    if "input" not in body:
        return
    body["model"] = "m"
    body["background"] = False  # any other answer is fetched elsewhere
    body.pop("conversation", None)  # refused beside previous_response_id
    choice = body.get("tool_choice")
    if isinstance(choice, dict) and "tools" in choice:
        choice["tools"] = []
