"""What a new policy would decide differently, and for whom.

Both policies are asked the same questions: for every caller, route and model that either tells
apart (``callers``, ``witness``), with parameters at the bounds of the rules' conditions
(``probes``), and the requests of the embedded tests of both; where other scanners read, the texts
of the tests are read by both. Equal changes are told once, with their number and one example.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.policy.callers import MAX_CALLERS, ask_of, caller_of_case, callers_of
from gateway.policy.change import Changes, Diff, Question
from gateway.policy.concern import Concern
from gateway.policy.decide import decide
from gateway.policy.decision import Ask
from gateway.policy.differences import Difference, differences, effect
from gateway.policy.probes import PLAIN, probes_of
from gateway.policy.rule import Rule
from gateway.policy.side import read_texts
from gateway.policy.witness import witnesses

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateway.policy.callers import Caller
    from gateway.policy.decision import Decision
    from gateway.policy.differences import Effect, Kind
    from gateway.policy.matrix import Condition
    from gateway.policy.model import Policy
    from gateway.policy.override import Override
    from gateway.policy.probes import Probe
    from gateway.policy.restriction import Restriction
    from gateway.policy.side import Side
    from gateway.terms import Action, Parameters

__all__ = ["diff"]

_Scanners = tuple[tuple[str, ...], tuple[str, ...]]


def diff(old: Side, new: Side, day: int) -> Diff:
    """Compares two policies as they decide on a day (since 1970-01-01, UTC)."""
    return _Comparison(old, new, day).run()


class _Comparison:
    def __init__(self, old: Side, new: Side, day: int) -> None:
        self._sides = old, new
        self._policies = old.policy, new.policy
        own = {**old.policy.own, **new.policy.own}
        self._own = {route: (model,) for route, model in own.items()}
        self._day = day
        self._asked = 0
        self._changes = Changes()
        self._read: dict[_Scanners, list[Question]] = {}
        self._known: dict[tuple[int, Decision], Effect] = {}

    def run(self) -> Diff:
        callers = callers_of(*self._policies)
        routes = tuple(dict.fromkeys(route for one in self._policies for route in one.routes))
        models = witnesses(_globs(self._policies))
        concern = Concern(*self._policies, models)
        for caller in callers:
            self._control(caller)
            asks = self._asks(caller)
            for route in routes:
                own = self._own.get(route)
                asked = own or concern.models(asks, route, paired=caller.paired)
                # What is decided by the same is answered without being asked.
                self._asked += len(own or models) - len(asked)
                for model in asked:
                    self._point(asks, Question(caller.label, route, model))
        self._tests()
        self._texts()
        return Diff(self._changes.sorted(), self._asked, complete=len(callers) < MAX_CALLERS)

    def _asks(self, caller: Caller) -> tuple[Ask, Ask]:
        """What the old policy is asked, and what the new one, but for route and model."""
        old, new = (
            Ask(caller.roles_in(one), "", "", None, caller.exceptions_in(one), self._day)
            for one in self._policies
        )
        return old, new

    def _control(self, caller: Caller) -> None:
        before, after = (one.control_of(caller.roles_in(one)) for one in self._policies)
        if before != after:
            kind: Kind = "granted" if after - before else "revoked"
            shown = (", ".join(sorted(one)) or "nothing" for one in (before, after))
            self._changes.add(Difference(kind, *shown), [Question(caller.label)])

    def _point(self, asks: tuple[Ask, Ask], question: Question) -> None:
        route, model = question.route, question.model
        for probe in self._probes(asks, route, model):
            old, new = (
                replace(ask, route=route, model=model, parameters=said)
                for ask, said in zip(asks, self._said(route, probe), strict=True)
            )
            self._compare((old, new), replace(question, parameters=probe.label))

    def _said(self, route: str, probe: Probe) -> Iterator[Parameters | None]:
        return (one.said_on(route, probe.parameters) for one in self._policies)

    def _probes(self, asks: tuple[Ask, Ask], route: str, model: str) -> tuple[Probe, ...]:
        """Parameters to ask with, by what the rules that fit otherwise say of them."""
        conditions = [
            conditions
            for policy, ask in zip(self._policies, asks, strict=True)
            for index in (policy.index, policy.override_index, policy.restriction_index)
            for rule in index.matching(ask.roles, route, model)
            if (conditions := _conditions(rule))
        ]
        return probes_of(conditions) if conditions else (PLAIN,)

    def _tests(self) -> None:
        """What becomes of the tests' own requests."""
        for case in (case for one in self._policies for case in one.tests):
            question = Question(caller_of_case(case).label, case.route, case.model, test=case.name)
            old, new = (ask_of(one, case) for one in self._policies)
            self._compare((old, new), question)

    def _compare(self, asks: tuple[Ask, Ask], question: Question) -> None:
        self._asked += 1
        before, after = (self._effect(side, ask) for side, ask in enumerate(asks))
        for difference in differences(before, after):
            self._changes.add(difference, [question])
        both = before.decision.allowed and after.decision.allowed
        if both and before.scanners != after.scanners:
            pair = before.decision.scanners, after.decision.scanners
            self._read.setdefault(pair, []).append(question)

    def _effect(self, side: int, ask: Ask) -> Effect:
        decision = decide(self._policies[side], ask)
        known = self._known.get((side, decision))
        if known is None:
            known = self._known[side, decision] = effect(self._policies[side], decision)
        return known

    def _texts(self) -> None:
        """What becomes of the tests' texts wherever other scanners read."""
        tests = {case.texts: case for one in self._policies for case in one.tests if case.texts}
        for names, questions in self._read.items():
            for case in tests.values():
                (old, before), (new, after) = (
                    read_texts(side, case.texts, scanners)
                    for side, scanners in zip(self._sides, names, strict=True)
                )
                if before != after:
                    asked = (replace(question, test=case.name) for question in questions)
                    self._changes.add(Difference(_kind(old, new), before, after), asked)


def _conditions(rule: Rule | Override | Restriction) -> tuple[Condition, ...]:
    return rule.when + rule.require + rule.clamp if isinstance(rule, Rule) else rule.when


def _globs(policies: Iterable[Policy]) -> Iterator[str]:
    for policy in policies:
        yield from (glob for rule in policy.rules for glob in rule.models)
        yield from (glob for override in policy.overrides for glob in override.models)
        yield from (glob for one in policy.restrictions for glob in one.models)
        yield from (case.model for case in policy.tests)


def _kind(old: Action, new: Action) -> Kind:
    if new < old:
        return "weaker"
    return "stricter" if new > old else "findings"
