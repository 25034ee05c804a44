"""What an allowed request must say before it leaves, so that it satisfies the rules that allow it.

``when`` and ``require`` are judged on the request as it came, and what is clamped is written
afterwards. A rule whose clamps would break what it requires itself allows nothing. If what one rule
clamps would break what another requires, the rules are taken in the order of their ids, and one
that cannot be satisfied together with those before it does not count as having allowed the
request; its scanners and limits stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.policy.matrix import known, surely
from gateway.policy.targets import MAX_TOKENS, is_range, target

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.policy.matrix import Condition
    from gateway.policy.rule import Rule
    from gateway.terms import Changes, Parameters, Value

__all__ = ["Agreement", "Writing", "holds", "left_open", "reconcile", "unmet"]


def holds(rule: Rule, parameters: Parameters | None) -> bool:
    """Whether an allow rule is about a request, and its parameters meet what the rule asks."""
    return all(surely(condition, parameters) for condition in rule.when) and not unmet(
        rule, parameters
    )


def unmet(rule: Rule, parameters: Parameters | None) -> tuple[Condition, ...]:
    """What a rule requires and does not find, or clamps and cannot write."""
    required = (one for one in rule.require if not _met(one, parameters))
    clamped = (one for one in rule.clamp if parameters is None or not known(one.word, parameters))
    return (*required, *clamped)


def left_open(parameters: Parameters) -> bool:
    """Whether a request leaves it to the gateway to say how much the model may answer.

    One that says so in so many words that there is no bound (Ollama's -1) does not.
    """
    return (
        MAX_TOKENS not in parameters.stated
        and not parameters.values.get(MAX_TOKENS)
        and known(MAX_TOKENS, parameters)
    )


def reconcile(
    rules: Iterable[Rule], parameters: Parameters | None
) -> tuple[tuple[Rule, ...], Changes]:
    """The rules that can be satisfied together, by id, and the changes that do so.

    Args:
        rules: Rules that hold.
        parameters: What the request asks for; where it is not given, nothing can be written.
    """
    if parameters is None:
        return tuple(sorted((one for one in rules if not one.clamp), key=_id)), {}
    return Agreement(rules, opened=left_open(parameters)).reach(parameters)


class Writing:
    """What makes a request satisfy some rules that hold, all of them together.

    Args:
        rules: The rules.
        opened: Whether the request is ``left_open``: then upper bounds that rules require are
            written as well.

    Attributes:
        certain: Whether there are such changes, whatever values the request has. If so, there are
            for each of the rules by itself too.
    """

    __slots__ = ("_checks", "_targets", "certain")

    def __init__(self, rules: Sequence[Rule], *, opened: bool) -> None:
        written: dict[str, list[Condition]] = {}
        for rule in rules:
            for one in (*rule.clamp, *filter(_opens if opened else _never, rule.require)):
                written.setdefault(one.word, []).append(one)
        self._targets = {word: target(word, conditions) for word, conditions in written.items()}
        # What is written holds by construction; what is only required is looked at again.
        self._checks = tuple(
            one
            for rule in rules
            for one in rule.require
            if one.word in written and not (opened and _opens(one))
        )
        self.certain = not self._checks and None not in self._targets.values()

    def changes(self, parameters: Parameters) -> Changes | None:
        """The changes; None if there are none that satisfy all the rules."""
        changes: dict[str, Value | tuple[str, ...]] = {}
        for word, wanted in self._targets.items():
            if wanted is None:
                return None
            changes |= wanted.change(parameters.values.get(word, ()))
        if not (changes and self._checks):
            return changes
        after = parameters.changed(changes)
        return changes if all(surely(one, after) for one in self._checks) else None


class Agreement:
    """What requests must say that some rules hold for, compiled once for many requests.

    Args:
        rules: The rules.
        opened: Whether the requests are ``left_open``.
    """

    __slots__ = ("_alone", "_opened", "_rules", "_together")

    def __init__(self, rules: Iterable[Rule], *, opened: bool) -> None:
        self._rules = tuple(sorted(rules, key=_id))
        self._opened = opened
        self._together = Writing(self._rules, opened=opened)
        alone = () if self._together.certain else self._rules
        self._alone = [Writing((rule,), opened=opened) for rule in alone]

    def reach(self, parameters: Parameters) -> tuple[tuple[Rule, ...], Changes]:
        """The rules that can be satisfied together, by id, and the changes that do so."""
        if self._together.certain:
            return self._rules, self._together.changes(parameters) or {}
        pairs = zip(self._rules, self._alone, strict=True)
        able = tuple([rule for rule, alone in pairs if alone.changes(parameters) is not None])
        every = len(able) == len(self._rules)
        together = self._together if every else Writing(able, opened=self._opened)
        changes = together.changes(parameters)
        return (able, changes) if changes is not None else self._some(able, parameters)

    def _some(
        self, rules: Iterable[Rule], parameters: Parameters
    ) -> tuple[tuple[Rule, ...], Changes]:
        chosen: tuple[Rule, ...] = ()
        made: Changes = {}
        for rule in rules:
            changes = Writing((*chosen, rule), opened=self._opened).changes(parameters)
            if changes is not None:
                chosen, made = (*chosen, rule), changes
        return chosen, made


def _met(condition: Condition, parameters: Parameters | None) -> bool:
    """Whether a requirement holds as the request came, or will once its bound is written."""
    if surely(condition, parameters):
        return True
    return parameters is not None and _opens(condition) and left_open(parameters)


def _opens(condition: Condition) -> bool:
    """Whether a requirement holds once its bound is written where the request says nothing."""
    bounds = condition.bounds
    return (
        condition.word == MAX_TOKENS
        and bounds is not None
        and bounds.lte is not None
        and is_range(condition)
    )


def _never(_condition: Condition) -> bool:
    return False


def _id(rule: Rule) -> str:
    return rule.id
