"""What the request of an embedded test asks of the model."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gateway.policy.case_schema import ABSENT
from gateway.policy.probes import PLAIN
from gateway.terms import Parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.policy.case_schema import GivenModel
    from gateway.terms import Provenance, Value

__all__ = ["parameters_of", "texts_of"]

_TEXTS: Final[Mapping[str, Provenance]] = {
    "system": "system",
    "prompt": "user",
    "tool": "tool",
    "document": "document",
    "answer": "answer",
}


def texts_of(given: GivenModel) -> tuple[tuple[Provenance, str], ...]:
    """The texts of a test, each with its provenance."""
    texts = ((provenance, getattr(given, key)) for key, provenance in _TEXTS.items())
    return tuple((provenance, text) for provenance, text in texts if text is not None)


def parameters_of(given: GivenModel) -> Parameters:
    """A modest request, but for its texts and for what the test says of it."""
    stated = given.parameters
    named = [] if stated is None else sorted(stated.model_fields_set)
    said = {word: _values(getattr(stated, word)) for word in named}
    words = PLAIN.parameters.stated.difference(said) | {
        word for word, values in said.items() if values
    }
    values = {**PLAIN.parameters.values, **_of_texts(given), **said}
    if given.system is not None:
        words |= {"system"}
    return Parameters(MappingProxyType(values), frozenset(words))


def _values(value: Value | tuple[str, ...]) -> tuple[Value, ...]:
    if isinstance(value, tuple):
        return value
    return () if value == ABSENT else (value,)


def _of_texts(given: GivenModel) -> dict[str, tuple[Value, ...]]:
    sent = [(whose, text) for whose, text in texts_of(given) if whose != "answer"]
    if not sent:
        return {}
    sizes = [len(text) for _, text in sent]
    system = tuple(text for whose, text in sent if whose == "system")
    return {"system": system, "message_chars": (max(sizes),), "prompt_chars": (sum(sizes),)}
