"""What the request of an embedded test asks of the model."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gateway.policy.case_schema import ABSENT
from gateway.policy.probes import PLAIN
from gateway.terms import ANSWERS, Parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.policy.case_schema import GivenModel, ParametersModel
    from gateway.terms import Provenance, Value

__all__ = ["parameters_of", "texts_of"]

_TEXTS: Final[Mapping[str, Provenance]] = {
    "system": "system",
    "prompt": "user",
    "tool": "tool",
    "document": "document",
    "answer": "answer",
    "call": "call",
    "argument": "argument",
}


def texts_of(given: GivenModel) -> tuple[tuple[Provenance, str], ...]:
    """The texts of a test, each with its provenance."""
    texts = ((provenance, getattr(given, key)) for key, provenance in _TEXTS.items())
    return tuple((provenance, text) for provenance, text in texts if text is not None)


def parameters_of(given: GivenModel) -> Parameters:
    """A modest request, but for its texts and for what the test says of it."""
    said = _said(given.parameters)
    values = {**PLAIN.parameters.values, **_measured(given), **said}
    named = PLAIN.parameters.stated.difference(said) | {word for word in said if said[word]}
    if values["system"]:
        named |= {"system"}
    if values["tools"] and "tool_choice" not in said:
        # As every format has it: tools that are offered are chosen from.
        values["tool_choice"] = ("auto",)
    return Parameters(MappingProxyType(values), frozenset(named))


def _said(model: ParametersModel | None) -> dict[str, tuple[Value, ...]]:
    if model is None:
        return {}
    given = {word: getattr(model, word) for word in sorted(model.model_fields_set)}
    return {word: _values(value) for word, value in given.items()}


def _values(value: Value | tuple[str, ...]) -> tuple[Value, ...]:
    if isinstance(value, tuple):
        return value
    return () if value == ABSENT else (value,)


def _measured(given: GivenModel) -> dict[str, tuple[Value, ...]]:
    sent = [text for whose, text in texts_of(given) if whose not in ANSWERS]
    if not sent:
        return {}
    sizes = [len(text) for text in sent]
    return {
        "system": (given.system,) if given.system else (),
        "message_chars": (max(sizes),),
        "prompt_chars": (sum(sizes),),
        "tainted": (given.tool is not None or given.document is not None,),
    }
