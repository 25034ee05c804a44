"""What Google's SDK sends to Gemini's API: it has types for the parts of a request, not for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypedDict

from google.genai import types as gemini  # noqa: TC002 - read when a body is made of them

from gateway.errors import UpstreamError
from gateway.wire.proto_json import snake

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.wire.exchange import StreamEvent, StreamReader

__all__ = ["UNREAD", "BatchRequest", "EmbedRequest", "GenerateRequest", "ask_gemini", "last_kept"]


class GenerateRequest(TypedDict):
    """A request to generate content."""

    contents: list[gemini.Content]
    systemInstruction: gemini.Content
    tools: list[gemini.Tool]
    toolConfig: gemini.ToolConfig
    safetySettings: list[gemini.SafetySetting]
    generationConfig: gemini.GenerationConfig
    cachedContent: str
    labels: dict[str, str]
    serviceTier: gemini.ServiceTier


class EmbedRequest(TypedDict):
    """One request of a batch."""

    content: gemini.Content
    title: str
    taskType: str
    outputDimensionality: int
    model: str


class BatchRequest(TypedDict):
    """A request for vectors of several texts."""

    requests: list[EmbedRequest]


def ask_gemini(body: Any) -> None:
    """Takes out of a body what is refused for another reason than its texts."""
    if "content" in body:
        body["model"] = "models/m"
    for one in (*body.get("contents", ()), *body.get("requests", ())):
        one["role" if "parts" in one else "model"] = "user" if "parts" in one else "models/m"
    for key in ("cachedContent", "cached_content"):
        if key in body:
            body[key] = "cachedContents/c"
    for config in (body.get("generationConfig"), body.get("generation_config")):
        for key in ("routingConfig", "modelSelectionConfig") if config else ():
            config.pop(key, None)  # other models, which are refused
            config.pop(snake(key), None)


def last_kept(reader: StreamReader) -> Sequence[StreamEvent]:
    """The event that is kept until the stream is seen to end, if any."""
    try:
        return reader.finish()
    except UpstreamError:
        return ()


UNREAD: Final = (
    "*.id",
    "*Id",
    "*.mimeType",
    "*.responseMimeType",
    "*.startOffset",
    "*.endOffset",
    "*Time",
    "*.languageCode*",
    "*.targetLanguageCode",
    "*.excludeDomains",
    "*Transport.*imeout",
    "*.duration",
    "Content.role",
    "ComputerUse.excludedPredefinedFunctions",
    "EmbedRequest.taskType",
    "FileSearch.fileSearchStoreNames",
    "FunctionCallingConfig.allowedFunctionNames",
    "GenerateContentResponse.modelVersion",
    "GroundingChunkMapsRoute.encodedPolyline",
    "GroundingChunkRetrievedContext.fileSearchStore",
    "GroundingMetadata.googleMapsWidgetContextToken",
    "PrebuiltVoiceConfig.voiceName",
    "SpreadsheetMetadata.visibleCells",
    "VideoResponseFormat.gcsUri",
    "VideoResponseFormat.resolution",
    "VoiceConfig.voice",
    "VoiceConsentSignature.signature",
)
"""Places of ids, words of enumerations and media: one word there is no text."""
