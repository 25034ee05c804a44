"""Parameters that stand for all: for each rule those that fit it, and each way to miss it.

A rule's conditions divide requests into those that meet all of them and those that miss one. So a
rule is asked about with parameters at its bounds, and with each condition broken by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gateway.policy.witness import name_of
from gateway.terms import EFFORTS, Parameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gateway.policy.matrix import Bounds, Condition
    from gateway.terms import Value

__all__ = ["PLAIN", "Probe", "probes_of"]

Values = tuple["Value", ...]

_STRANGE_TOOL: Final = "a-tool-that-no-rule-names"
_OTHER: Final = "something else"
_COUNTED: Final = frozenset({"images", "audio", "files", "messages"})
_FRACTIONS: Final = frozenset({"temperature", "top_p"})
_MODEST: Final[Mapping[str, Values]] = MappingProxyType(
    {
        "max_tokens": (1,),
        "temperature": (0.0,),
        "top_p": (1.0,),
        "n": (1,),
        "stream": (False,),
        "tools": (),
        "tool_choice": ("none",),
        "images": (0,),
        "audio": (0,),
        "files": (0,),
        "response_format": ("text",),
        "reasoning_effort": ("none",),
        "reasoning_tokens": (0,),
        "system": (),
        "messages": (1,),
        "message_chars": (1,),
        "prompt_chars": (1,),
    }
)


@dataclass(frozen=True, slots=True)
class Probe:
    """Parameters to ask with; ``label`` says in what they differ from a modest request's."""

    label: str
    parameters: Parameters


PLAIN: Final = Probe("", Parameters(_MODEST, frozenset({"max_tokens"})))
"""A modest request: one message, one token, no tools, no more than that."""


def probes_of(rules: Iterable[tuple[Condition, ...]]) -> tuple[Probe, ...]:
    """Parameters that tell rules with these conditions apart, ``PLAIN`` first, each once."""
    found = {PLAIN.label: PLAIN}
    for conditions in rules:
        fitting = {one.word: _fitting(one) for one in conditions}
        for probe in (_probe(fitting), *_misses(conditions, fitting)):
            found.setdefault(probe.label, probe)
    return tuple(found.values())


def _misses(conditions: tuple[Condition, ...], fitting: dict[str, Values]) -> Iterator[Probe]:
    for condition in conditions:
        for values in _missing(condition):
            yield _probe({**fitting, condition.word: values})


def _probe(changed: Mapping[str, Values]) -> Probe:
    changed = {word: values for word, values in changed.items() if _MODEST[word] != values}
    label = ", ".join(f"{word}={_shown(values)}" for word, values in sorted(changed.items()))
    stated = PLAIN.parameters.stated | {word for word, values in changed.items() if values}
    stated -= {word for word, values in changed.items() if not values}
    return Probe(label, Parameters(MappingProxyType({**_MODEST, **changed}), frozenset(stated)))


def _shown(values: Values) -> str:
    return " ".join(str(value) for value in values) or "not given"


def _fitting(condition: Condition) -> Values:
    """Values of the parameter that meet a condition, at its bound."""
    word = condition.word
    if condition.pinned is not None or condition.prefix is not None:
        return (condition.pinned or condition.prefix or "",)
    if word == "tools":
        return _fitting_tools(condition)
    if condition.present is False:
        return _MODEST[word] if word in _COUNTED or word == "system" else ()
    if condition.bounds is not None:
        return (_at_bound(word, condition.bounds),)
    if condition.present:
        return (1,) if word in _COUNTED else (_OTHER,) if word == "system" else _stated(word)
    return _MODEST[word]


def _stated(word: str) -> Values:
    # Another value than the modest one, so that the request is seen to name it.
    values = _MODEST[word]
    return (True,) if values == (False,) else (1,) if word in _FRACTIONS else values


def _fitting_tools(condition: Condition) -> Values:
    if condition.present is False:
        return ()
    globs = condition.any_name or condition.names or ()
    names = [name_of(glob) for glob in globs[:1]]
    if not names and condition.present:
        names = [_STRANGE_TOOL]
    least = condition.count.gte if condition.count is not None else None
    while isinstance(least, int | float) and len(names) < least:
        names.append(f"{names[0] if names else _STRANGE_TOOL}")
    return tuple(names)


def _missing(condition: Condition) -> Iterator[Values]:
    """Values that break a condition, one way each."""
    word = condition.word
    if condition.pinned is not None or condition.prefix is not None:
        yield from (((_OTHER,)), ())
    if word == "tools":
        yield from _missing_tools(condition)
    elif condition.bounds is not None:
        yield from ((value,) for value in _beyond(word, condition.bounds))
        if word not in _COUNTED:
            yield ()
    elif condition.present is not None:
        yield (1,) if word in _COUNTED else (_OTHER,) if word == "system" else _stated(word)
        yield ()


def _missing_tools(condition: Condition) -> Iterator[Values]:
    yield (_STRANGE_TOOL,)
    yield ()
    for glob in (condition.names or condition.any_name or ())[:8]:
        yield (name_of(glob),)
    most = condition.count.lte if condition.count is not None else None
    if isinstance(most, int | float):
        base = _fitting_tools(condition) or (_STRANGE_TOOL,)
        yield tuple(base[0] for _ in range(int(most) + 1))


def _at_bound(word: str, bounds: Bounds) -> Value:
    if bounds.one_of:
        return bounds.one_of[0]
    value = bounds.lte if bounds.lte is not None else bounds.gte
    return _MODEST[word][0] if value is None else value


def _beyond(word: str, bounds: Bounds) -> Iterator[Value]:
    if bounds.lte is not None:
        yield from _stepped(word, bounds.lte, 1)
    if bounds.gte is not None:
        yield from _stepped(word, bounds.gte, -1)
    if bounds.one_of is not None:
        yield from bounds.one_of[1:]
        if isinstance(bounds.one_of[0], bool):
            yield from {True, False}.difference(bounds.one_of)
        elif isinstance(bounds.one_of[0], str):
            yield _OTHER


def _stepped(word: str, value: float | str, step: int) -> Iterator[Value]:
    """The next value beyond a bound, if there is one."""
    if isinstance(value, str):
        at = EFFORTS.index(value) + step
        if 0 <= at < len(EFFORTS):
            yield EFFORTS[at]
    else:
        yield round(value + step * (0.1 if word in _FRACTIONS else 1), 6)
