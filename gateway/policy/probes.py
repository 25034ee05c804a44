"""Parameters that stand for all: for each rule those that fit it, and each way to miss it.

A rule's conditions divide requests into those that meet all of them and those that miss one. So a
rule is asked about with parameters that meet all its conditions, with each of them met at its bound
and broken by itself, and with what fits it and another rule at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gateway.policy.matrix import surely
from gateway.policy.witness import STRANGER, name_of
from gateway.terms import EFFORTS, Parameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gateway.policy.matrix import Bounds, Condition
    from gateway.terms import Value

__all__ = ["PLAIN", "Probe", "candidates_of", "probes_of"]

Values = tuple["Value", ...]
Said = tuple[Values, bool]
"""The values of a parameter, and whether the request names it."""

_OTHER: Final = "something else"
_MOST: Final = 1000
"""So many tools are named at most, whatever number a rule speaks of."""
_ATTACHED: Final = frozenset({"images", "audio", "files"})
_COUNTED: Final = _ATTACHED | {"messages", "message_chars", "prompt_chars"}
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
        "tainted": (False,),
    }
)
_NAMED: Final = frozenset({"max_tokens"})
_ABSENT: Final[Said] = ((), False)


@dataclass(frozen=True, slots=True)
class Probe:
    """Parameters to ask with; ``label`` says in what they differ from a modest request's."""

    label: str
    parameters: Parameters


PLAIN: Final = Probe("", Parameters(_MODEST, _NAMED))
"""A modest request: one message, one token, no tools, no more than that."""


def probes_of(rules: Iterable[tuple[Condition, ...]]) -> tuple[Probe, ...]:
    """Parameters that tell rules with these conditions apart, ``PLAIN`` first, each once."""
    found = {PLAIN.label: PLAIN}
    distinct = [*dict.fromkeys(rules)]
    meeting = [_meeting(conditions) for conditions in distinct]
    for said in _all_said(distinct, meeting):
        probe = _probe(said)
        found.setdefault(probe.label, probe)
    return tuple(found.values())


def candidates_of(conditions: Iterable[Condition]) -> Iterator[Parameters]:
    """Parameters that meet or miss each of these conditions of one parameter, one by one."""
    yield PLAIN.parameters
    for condition in conditions:
        for said in (_fitting(condition), *_missing(condition), _present(condition.word)):
            yield _probe({condition.word: said}).parameters


def _meeting(conditions: tuple[Condition, ...]) -> dict[str, Said]:
    """What meets all conditions; a modest request's own values where they do."""
    return {one.word: _fitting(one) for one in conditions if not surely(one, PLAIN.parameters)}


def _all_said(
    rules: list[tuple[Condition, ...]], meeting: list[dict[str, Said]]
) -> Iterator[Mapping[str, Said]]:
    for conditions, met in zip(rules, meeting, strict=True):
        yield met
        for condition in conditions:
            for said in (_fitting(condition), *_missing(condition)):
                yield {**met, condition.word: said}
    for one, other in permutations(meeting, 2):
        yield {**one, **other}


def _probe(said: Mapping[str, Said]) -> Probe:
    changed = {word: one for word, one in said.items() if one != (_MODEST[word], word in _NAMED)}
    label = ", ".join(f"{word}={_shown(values)}" for word, (values, _) in sorted(changed.items()))
    values = {**_MODEST, **{word: values for word, (values, _) in changed.items()}}
    stated = _NAMED.difference(changed) | {word for word, (_, named) in changed.items() if named}
    return Probe(label, Parameters(MappingProxyType(values), stated))


def _shown(values: Values) -> str:
    words = list(dict.fromkeys(str(value).lower() for value in values))
    more = f" ({len(values)} in all)" if len(words) < len(values) else ""
    return " ".join(words) + more or "not given"


def _fitting(condition: Condition) -> Said:
    """What meets a condition, at its bound."""
    word = condition.word
    for text in (condition.pinned, condition.prefix):
        if text is not None:
            return (text,), True
    if word == "tools":
        return _fitting_tools(condition)
    if condition.bounds is not None:
        return (_at_bound(word, condition.bounds),), True
    return _absent(word) if condition.present is False else _present(word)


def _absent(word: str) -> Said:
    return ((0,), False) if word in _ATTACHED else _ABSENT


def _present(word: str) -> Said:
    if word in _ATTACHED:
        return (1,), True
    if word == "stream":
        return (True,), True
    return ((_OTHER,) if word == "system" else _MODEST[word]), True


def _fitting_tools(condition: Condition) -> Said:
    if condition.present is False:
        return _ABSENT
    names = [name_of(glob) or glob for glob in (condition.any_name or condition.names or ())[:1]]
    if not names and condition.present:
        names = [STRANGER]
    counts = _counts(condition)
    if counts and len(names) < counts[0]:
        names = _repeated(names, counts[0])
    return tuple(names), bool(names)


def _counts(condition: Condition) -> list[int]:
    """The numbers of tools at the bounds of a condition, one that meets it first."""
    count = condition.count
    if count is None:
        return []
    found = (*(count.one_of or ()), count.gte, count.lte)
    return [int(one) for one in found if isinstance(one, int | float)]


def _repeated(names: list[str], count: int) -> list[str]:
    """So many names of tools: these, and the first of them again."""
    count = min(count, _MOST)
    return [*names[:count], *[names[0] if names else STRANGER] * (count - len(names))]


def _missing(condition: Condition) -> Iterator[Said]:
    """What breaks a condition, one way each."""
    word = condition.word
    if word == "tools":
        yield from _missing_tools(condition)
    elif condition.pinned is not None or condition.prefix is not None:
        yield from (((_OTHER,), True), _ABSENT)
    elif condition.bounds is not None:
        yield from (((value,), True) for value in _beyond(word, condition.bounds))
        if word not in _COUNTED:
            yield _ABSENT
    else:
        yield _present(word) if condition.present is False else _absent(word)


def _missing_tools(condition: Condition) -> Iterator[Said]:
    yield (STRANGER,), True
    yield _ABSENT
    for glob in (condition.names or condition.any_name or ())[:8]:
        yield (name_of(glob) or glob,), True
    names = [str(name) for name in _fitting_tools(condition)[0]]
    for count in _counts(condition):
        yield tuple(_repeated(names, count + 1)), True
        if count > 1:
            yield tuple(_repeated(names, count - 1)), True


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
    if bounds.one_of:
        yield from bounds.one_of[1:]
        yield from _outside(word, bounds.one_of)


def _outside(word: str, values: Values) -> Iterator[Value]:
    """A value of the same kind that is none of these."""
    if word == "stream":
        yield from {True, False}.difference(values)
    elif word == "reasoning_effort":
        yield from [effort for effort in EFFORTS if effort not in values][:1]
    elif isinstance(values[0], str):
        yield _OTHER
    else:
        greatest = max(value for value in values if not isinstance(value, str))
        yield from _stepped(word, greatest, 1)


def _stepped(word: str, value: float | str, step: int) -> Iterator[Value]:
    """The next value beyond a bound, if there is one."""
    if isinstance(value, str):
        at = EFFORTS.index(value) + step
        if 0 <= at < len(EFFORTS):
            yield EFFORTS[at]
    else:
        yield round(value + step * (0.1 if word in _FRACTIONS else 1), 6)
