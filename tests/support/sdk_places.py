"""Places of ids, words of enumerations and media in the SDKs' types: one word there is no text.

Also those of which the format does not know whose texts stand there.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "ANTHROPIC_UNKNOWN",
    "ANTHROPIC_UNREAD",
    "OLLAMA_UNKNOWN",
    "OLLAMA_UNREAD",
    "OPENAI_UNREAD",
]

_IDS: Final = ("*.id", "*_id")
OPENAI_UNREAD: Final = (
    *_IDS,
    "*.model",
    "*.system_fingerprint",
    "ChatCompletionChunk.obfuscation",
    "CompletionCreateParams*.logit_bias key",
    "ChatCompletionAudioParam.voice",
    "WebSearchOptionsUserLocationApproximate.country",
    "WebSearchOptionsUserLocationApproximate.timezone",
    "InputAudio.data",
    "ChatCompletionAudio.data",
    "ChoiceDeltaAudio.data",
    "FileFile.file_data",
    "Moderation*Error.code",
    "Moderation*Error.message",
    "Moderation*Result.categor* key",
)
ANTHROPIC_UNREAD: Final = (
    *_IDS,
    "*.model",
    "*Source*.data",
    "*RedactedThinkingBlock*.data",
    "*.signature",
    "*.encrypted_*",
    "*.inference_geo",
    "*UserLocation*.country",
    "*UserLocation*.timezone",
    "*SkillParams.version",
    "*ContainerSkill.version",
    "*Container.expires_at",
    "MessageCreateParams*.container",
    "BetaAdvisor*Result*.stop_reason",
    "BetaFallbackCreditNotApplied.remove_to_redeem",
    "BetaFallbackCreditTokenParam.token",
    "*.fallback_credit_token",
    "*.recommended_model",
    "*InputTransformation.path",
)
OLLAMA_UNREAD: Final = (
    "*.model",
    "*.created_at",
    "*.done_reason",
    "*.keep_alive",
    "*.think",
    "GenerateResponse.image",
    "Image.value",
    "Message.role",
    "Tool.type",
)
OLLAMA_UNKNOWN: Final = ("*Request.options*", "ChatRequest.messages*")
ANTHROPIC_UNKNOWN: Final = (
    "MessageCreateParams*.betas",
    "BetaThreadContinueParams.previous_message_id",
)
