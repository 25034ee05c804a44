"""Where texts stand in Gemini's answers, whole and in each event of a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.wire.exchange import Usage
from gateway.wire.gemini_shapes import CONTENT
from gateway.wire.gemini_tokens import LOGPROBS, spoken_by, tokens_in
from gateway.wire.leaves import Shape, everything, ignored, media, repeated, settings, text
from gateway.wire.model_name import readable_word
from gateway.wire.proto_json import both, each, member, message, several, snake, spelling
from gateway.wire.reading import fields, listing
from gateway.wire.respellings import log_probabilities

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.terms import Provenance
    from gateway.wire.exchange import Path
    from gateway.wire.leaves import Finder

__all__ = [
    "ANSWER",
    "CANDIDATE",
    "TOP",
    "block_reason",
    "finish_reason",
    "index_of",
    "read_usage",
    "respells",
    "spoken_at",
    "without_respellings",
]

_UNFINISHED: Final = (None, "", "FINISH_REASON_UNSPECIFIED")

_INPUT: Final = tuple((key, snake(key)) for key in ("promptTokenCount", "toolUsePromptTokenCount"))
_OUTPUT: Final = tuple((key, snake(key)) for key in ("candidatesTokenCount", "thoughtsTokenCount"))
"""What counts as input and as output, in both spellings."""
_RESPELLING: Final = frozenset(both({"groundingMetadata": None}))

_CITATION: Final = message(
    {
        **fields("startIndex endIndex publicationDate", settings),
        **fields("uri title license", text),
    }
)
_CONTEXT: Final = message(
    {
        **fields("pageNumber mediaId fileSearchStore", settings),
        **fields("uri title text documentName", text),
        "ragChunk": message({**fields("pageSpan chunkId fileId", settings), "text": text}),
        "customMetadata": everything,
    }
)
_MAP: Final = message(
    {
        **fields("placeId route", settings),
        **fields("uri title text", text),
        "placeAnswerSources": everything,
    }
)
_GROUNDING: Final = message(
    {
        **fields("webSearchQueries imageSearchQueries retrievalQueries", several(text)),
        "groundingChunks": several(
            message(
                {
                    "web": message(fields("uri title domain", text)),
                    "image": message(fields("sourceUri imageUri title domain", text)),
                    "retrievedContext": _CONTEXT,
                    "maps": _MAP,
                }
            )
        ),
        "groundingSupports": several(
            message(
                {
                    **fields("groundingChunkIndices confidenceScores renderedParts", settings),
                    "segment": message(
                        {**fields("partIndex startIndex endIndex", settings), "text": repeated}
                    ),
                }
            )
        ),
        "searchEntryPoint": message({"renderedContent": text, "sdkBlob": media}),
        "retrievalMetadata": settings,
        "googleMapsWidgetContextToken": media,
        "sourceFlaggingUris": everything,
    }
)
CANDIDATE: Final[dict[str, Shape]] = {
    **fields("index finishReason tokenCount avgLogprobs safetyRatings", settings),
    "content": CONTENT,
    "finishMessage": text,
    "citationMetadata": message({**fields("citations citationSources", several(_CITATION))}),
    "groundingMetadata": _GROUNDING,
    "urlContextMetadata": message(
        {"urlMetadata": several(message({"retrievedUrl": text, "urlRetrievalStatus": settings}))}
    ),
    "logprobsResult": ignored,
    "continuationToken": media,
}
"""The members of one candidate."""

TOP: Final[dict[str, Shape]] = {
    **fields("usageMetadata modelVersion responseId createTime", settings),
    "promptFeedback": message(
        {**fields("blockReason safetyRatings", settings), "blockReasonMessage": text}
    ),
    "modelStatus": message({**fields("modelStage retirementTime", settings), "message": text}),
    "error": everything,
}
"""The members of an answer beside its candidates."""


def _respelt(known: Shape) -> Shape:
    """The shape of a candidate, with what its log probabilities spell beyond its text."""

    def read(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
        known(found, value, path, provenance)
        key = spelling(value, "logprobsResult")
        log_probabilities(found, tokens_in(value.get(key)), (*path, key), spoken_by(value))

    return read


ANSWER: Final = message({**TOP, "candidates": listing(_respelt(message(CANDIDATE)))})
"""The body of a whole answer, and of an error."""


def index_of(candidate: Mapping[str, Any]) -> Any:
    """Which candidate it is; ProtoJSON leaves a zero out. The value is not checked."""
    index = candidate.get("index")
    return 0 if index is None else index


def finish_reason(candidate: Mapping[str, Any]) -> str | None:
    """Why a candidate ended; None where it has not."""
    reason = member(candidate, "finishReason")
    return None if reason in _UNFINISHED else readable_word(reason) or "unknown"


def block_reason(body: Mapping[str, Any]) -> str | None:
    """Why the upstream answers a prompt with no candidate; None where it does."""
    feedback = body.get("promptFeedback", body.get("prompt_feedback"))
    reason = member(feedback, "blockReason") if isinstance(feedback, dict) else None
    return None if reason is None else readable_word(reason) or "unknown"


def spoken_at(paths: Iterable[Path]) -> set[int]:
    """The positions of those candidates in whose content some of the paths lie."""
    return {
        path[1]
        for path in paths
        if path[0] == "candidates" and isinstance(path[1], int) and path[2] == "content"
    }


def respells(candidate: Mapping[str, Any]) -> bool:
    """Whether a candidate may have what ``without_respellings`` takes out."""
    if not (_RESPELLING.isdisjoint(candidate) and LOGPROBS.isdisjoint(candidate)):
        return True
    content = candidate.get("content")
    parts = content.get("parts") if isinstance(content, dict) else None
    if not isinstance(parts, list):
        return parts is not None
    return any(member(part, "audioTranscription") is not None for part in parts)


def without_respellings(candidate: Mapping[str, Any]) -> dict[str, Any]:
    """A candidate without what spells its text again, or says by the byte where its text stands."""
    kept = {key: value for key, value in candidate.items() if key not in LOGPROBS}
    _narrow(kept, "groundingMetadata", "groundingSupports")
    content = kept.get("content")
    if isinstance(content, dict) and content.get("parts") is not None:
        parts = [_without_sound(part) for part, _ in each(content["parts"], ())]
        kept["content"] = {**content, "parts": parts}
    return kept


def _without_sound(part: dict[str, Any]) -> dict[str, Any]:
    if member(part, "audioTranscription") is None:
        return part
    silent = dict(part)
    _narrow(silent, "audioTranscription", "words")
    _narrow(silent, "inlineData", "data")
    return silent


def _narrow(outer: dict[str, Any], key: str, gone: str) -> None:
    """Takes a member out of a member of an object, which is a copy."""
    inner = member(outer, key)
    if isinstance(inner, dict):
        out = spelling(inner, gone)
        outer[spelling(outer, key)] = {name: inner[name] for name in inner if name != out}


def read_usage(body: Mapping[str, Any]) -> Usage | None:
    """The counts of an answer; thoughts are output, and what tools put into the prompt is input."""
    usage = member(body, "usageMetadata")
    if not isinstance(usage, dict):
        return None
    return Usage(_sum(usage, *_INPUT), _sum(usage, *_OUTPUT))


def _sum(usage: Mapping[str, Any], first: tuple[str, str], second: tuple[str, str]) -> int | None:
    one = usage[first[0]] if first[0] in usage else usage.get(first[1])
    two = usage[second[0]] if second[0] in usage else usage.get(second[1])
    if type(two) is not int:
        return one if type(one) is int else None
    return one + two if type(one) is int else two
