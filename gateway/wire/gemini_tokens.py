"""Gemini's log probabilities, in the form in which ``respellings`` reads those of every format."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from gateway.wire.proto_json import both, each, member

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["LOGPROBS", "spoken_by", "tokens_in"]

LOGPROBS: Final = frozenset(both({"logprobsResult": None}))
"""Log probabilities, as a member of a candidate."""

_CHOSEN: Final = frozenset(both({"chosenCandidates": None}))
_RANKED: Final = frozenset(both({"topCandidates": None}))
_LISTS: Final = _CHOSEN | _RANKED
_NUMBERS: Final = frozenset(both({"tokenId": None, "logProbabilitySum": None}))
_MEASURE: Final = frozenset(both({"logProbability": None}))


def spoken_by(candidate: Mapping[str, Any]) -> dict[str, Any]:
    """The text that the tokens of a candidate spell again; its shape has been checked."""
    parts = (candidate.get("content") or {}).get("parts")
    texts = [part.get("text") for part, _ in each(parts, ())] if parts is not None else []
    return {"tokens": "".join(text or "" for text in texts)}


def tokens_in(result: Any) -> dict[str, Any]:
    """A list of tokens, each with its alternatives, and what is none of it at an empty key."""
    if not isinstance(result, dict):
        return {"": result}
    rest: list[Any] = [
        {key: value}
        for key, value in result.items()
        if key not in _LISTS and not _is_number(key, value)
    ]
    tokens = []
    for token, step in zip_longest(_items(result, _CHOSEN), _items(result, _RANKED)):
        if isinstance(token, dict | None):
            tokens.append({**_token(token or {}), "top_logprobs": _alternatives(step)})
        else:
            rest += [token, step]
    return {"tokens": tokens, "": rest}


def _items(result: Mapping[str, Any], keys: frozenset[str]) -> Iterator[Any]:
    for key in keys & result.keys():
        if result[key] is not None:
            yield from (item for item, _ in each(result[key], ()))


def _alternatives(step: Any) -> Any:
    if isinstance(step, dict) and step.keys() == {"candidates"}:
        return [
            _token(one) if isinstance(one, dict) else one for one, _ in each(step["candidates"], ())
        ]
    return [step] if isinstance(step, dict) else step


def _token(item: Mapping[str, Any]) -> dict[str, Any]:
    """A token with its measure under the name that it has elsewhere, and without its number."""
    kept = {
        key: value
        for key, value in item.items()
        if key not in _MEASURE and not _is_number(key, value)
    }
    return {"logprob": member(item, "logProbability") or 0, **kept}


def _is_number(key: str, value: Any) -> bool:
    return key in _NUMBERS and type(value) in {int, float}
