"""Where texts stand in Gemini's API, after its REST reference and Google's Gen AI SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn

from gateway.wire.leaves import (
    Finder,
    Shape,
    encoded,
    everything,
    ignored,
    media,
    name,
    schema,
    settings,
    text,
    url,
)
from gateway.wire.proto_json import member, message, several, spelling
from gateway.wire.reading import counted, fields, in_answers, said_by, speaker

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.terms import Provenance
    from gateway.wire.exchange import Path

__all__ = ["ARGUMENT", "CONTENT", "FUNCTION_CALL", "PART", "REQUEST"]

_ROLES: Final[dict[str, Provenance]] = {
    "user": "user",
    "model": "assistant",
    **dict.fromkeys(("function", "tool"), "tool"),
}


def _by_media_type(shape: Shape) -> Shape:
    """What is sent with its media type, counted by it; a video is both pictures and sound."""
    sound = counted("audio", shape)
    groups = {"image": counted("images", shape), "audio": sound, "video": counted("images", sound)}
    files = counted("files", shape)

    def read(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
        kind = member(value, "mimeType") if isinstance(value, dict) else None
        if not isinstance(kind, str) or not kind:
            # The upstream knows what it is, or finds out.
            found.foreign |= {"images", "audio"}
            kind = ""
        group = kind.partition("/")[0].strip().lower()
        groups.get(group, files)(found, value, path, provenance)

    return read


_BLOB_RECORD: Final = message({"mimeType": settings, "displayName": text, "data": ignored})
_BLOBS: Final = {
    key: encoded(_BLOB_RECORD, "data", key, url_safe=True) for key in ("mimeType", "mime_type")
}


def _blob(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
    key = spelling(value, "mimeType") if isinstance(value, dict) else "mimeType"
    _BLOBS[key](found, value, path, provenance)


_MEDIA: Final[dict[str, Shape]] = {
    "inlineData": said_by("document", _by_media_type(_blob)),
    "fileData": said_by(
        "document",
        _by_media_type(message({"mimeType": settings, "displayName": text, "fileUri": url})),
    ),
    **fields(
        "videoMetadata mediaResolution mediaProcessing documentMetadata spreadsheetMetadata"
        " audioMetadata",
        settings,
    ),
}
_TRANSCRIPTION: Final = message(
    {
        **fields("finished languageCode startOffset endOffset", settings),
        **fields("text speakerLabel", text),
        "words": several(message({**fields("startOffset endOffset", settings), "word": text})),
    }
)
_GOOGLES: Final = {
    "GOOGLE_SEARCH_WEB": "google_search",
    "GOOGLE_SEARCH_IMAGE": "google_search",
    "URL_CONTEXT": "url_context",
    "GOOGLE_MAPS": "google_maps",
    "FILE_SEARCH": "file_search",
}
"""What requests call the tools that Google runs, by the types that answers give them."""


def _calling(kind: str, named: Callable[[str], str], shape: Shape) -> Shape:
    """The call of a tool of Google's: in an answer, what it calls is read as a name.

    Args:
        kind: The member that says which tool it is.
        named: What that tool is called.
        shape: The shape of the whole.
    """

    def read(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
        if found.in_answer and isinstance(value, dict):
            said = member(value, kind)
            tool = named(said if isinstance(said, str) else "")
            found.add(tool, path, "call", rewritable=False)
        shape(found, value, path, provenance)

    return read


def _code_execution(_: str) -> str:
    return "code_execution"


def _googles(kind: str) -> str:
    # A rule that lists what may be called allows none that has no name.
    return _GOOGLES.get(kind, kind.lower()) or "unknown"


ARGUMENT: Final[dict[str, Shape]] = {
    **fields("boolValue nullValue numberValue willContinue", settings),
    "jsonPath": name,
    "stringValue": in_answers("argument", text),
}
"""The members of a piece of a call's arguments."""

FUNCTION_CALL: Final[dict[str, Shape]] = {
    **fields("id willContinue", settings),
    "name": in_answers("call", name),
    "args": in_answers("argument", everything),
    "partialArgs": several(message(ARGUMENT)),
}
"""The members of a call of a function."""

PART: Final[dict[str, Shape]] = {
    **_MEDIA,
    "text": text,
    "thought": settings,
    "thoughtSignature": media,
    "functionCall": said_by("assistant", message(FUNCTION_CALL)),
    "functionResponse": said_by(
        "tool",
        message(
            {
                **fields("id willContinue scheduling", settings),
                "name": name,
                "response": everything,
                "parts": several(message(_MEDIA)),
            }
        ),
    ),
    "executableCode": said_by(
        "assistant",
        _calling(
            "language",
            _code_execution,
            message({**fields("id language", settings), "code": in_answers("argument", text)}),
        ),
    ),
    "codeExecutionResult": said_by(
        "tool", message({**fields("id outcome", settings), "output": text})
    ),
    "toolCall": said_by(
        "assistant",
        _calling(
            "toolType",
            _googles,
            message(
                {**fields("id toolType", settings), "args": in_answers("argument", everything)}
            ),
        ),
    ),
    "toolResponse": said_by(
        "tool", message({**fields("id toolType", settings), "response": everything})
    ),
    "audioTranscription": _TRANSCRIPTION,
    "speechMetadata": message(fields("speaker style", text)),
    "partMetadata": everything,
}
"""The members of one part of a content."""

CONTENT: Final = message({"role": settings, "parts": several(message(PART))})
"""What one side says, whoever that is."""


def _turn(found: Finder, value: Any, path: Path, _: Provenance) -> None:
    if not isinstance(value, dict):
        raise found.wrong(path, "an object")
    role = member(value, "role")
    if role is None or role == "":
        role = "user"
    CONTENT(found, value, path, speaker(found, role, path, _ROLES))


_FUNCTION: Final = message(
    {
        "name": name,
        "description": text,
        "behavior": settings,
        **fields("parameters parametersJsonSchema response responseJsonSchema", schema),
    }
)
_MCP_SERVER: Final = message(
    {
        "name": name,
        "streamableHttpTransport": message(
            {
                **fields("timeout sseReadTimeout terminateOnClose", settings),
                "url": name,
                "headers": everything,
            }
        ),
    }
)
_TOOL: Final = message(
    {
        "functionDeclarations": several(_FUNCTION),
        "mcpServers": several(_MCP_SERVER),
        "fileSearch": message(
            {**fields("fileSearchStoreNames topK", settings), "metadataFilter": text}
        ),
        **fields(
            "googleSearch googleSearchRetrieval codeExecution urlContext computerUse"
            " enterpriseWebSearch",
            settings,
        ),
        "googleMaps": message(
            {**fields("enableWidget groundingTypes", settings), "authConfig": everything}
        ),
        **fields("retrieval parallelAiSearch exaAiSearch", everything),
    }
)
_VOICE: Final = message(
    {
        **fields("voice prebuiltVoiceConfig", settings),
        "replicatedVoiceConfig": message(
            {
                "mimeType": settings,
                **fields("voiceSampleAudio consentAudio", media),
                "voiceConsentSignature": message({"signature": media}),
            }
        ),
    }
)
_SPEECH: Final = message(
    {
        "languageCode": settings,
        "voiceConfig": _VOICE,
        "multiSpeakerVoiceConfig": message(
            {
                "speakerVoiceConfigs": several(
                    message({"speaker": said_by("user", text), "voiceConfig": _VOICE})
                )
            }
        ),
    }
)
_FORMAT: Final = message(
    {
        "text": message({"mimeType": settings, **fields("jsonSchema schema", schema)}),
        **fields("audio image video", settings),
    }
)


def _other_model(found: Finder, _: Any, path: Path, __: Provenance) -> NoReturn:
    raise found.wrong(path, "left out: it chooses another model")


_GENERATION: Final = message(
    {
        **fields(
            "temperature topP topK candidateCount maxOutputTokens responseLogprobs logprobs"
            " presencePenalty frequencyPenalty seed responseMimeType responseModalities"
            " mediaResolution audioTimestamp imageConfig translationConfig"
            " enableEnhancedCivicAnswers enableAffectiveDialog",
            settings,
        ),
        "thinkingConfig": message(fields("includeThoughts thinkingBudget thinkingLevel", settings)),
        "stopSequences": said_by("user", several(text)),
        **fields(
            "responseSchema responseJsonSchema _responseJsonSchema",
            said_by("tool_definition", schema),
        ),
        "responseFormat": said_by("tool_definition", several(_FORMAT)),
        "speechConfig": _SPEECH,
        "audioTranscriptionConfig": said_by(
            "user",
            message(
                {
                    **fields(
                        "languageCodes languageAuto languageHints wordTimestamp diarization mode",
                        settings,
                    ),
                    **fields("customVocabulary adaptationPhrases", several(text)),
                    "sourceText": text,
                }
            ),
        ),
        **fields("routingConfig modelSelectionConfig", _other_model),
    }
)

REQUEST: Final = message(
    {
        **fields("safetySettings cachedContent serviceTier store", settings),
        "contents": several(_turn),
        "systemInstruction": said_by("system", CONTENT),
        "tools": said_by("tool_definition", several(_TOOL)),
        "toolConfig": message(
            {
                **fields("retrievalConfig includeServerSideToolInvocations", settings),
                "functionCallingConfig": message(
                    fields("mode allowedFunctionNames streamFunctionCallArguments", settings)
                ),
            }
        ),
        "generationConfig": _GENERATION,
        "labels": said_by("user", everything),
        "continuationToken": media,
    }
)
"""The body of a request to generate content."""
