"""What a new policy would decide differently, and for whom.

Both policies are asked the same questions: for every caller, route and model that either tells
apart (``callers``, ``witness``), with parameters at the bounds of the rules' conditions
(``probes``), and with the texts of the embedded tests of both. Equal changes are told once, with
their number and one example.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, get_args

from gateway.errors import GatewayError
from gateway.policy.callers import callers_of
from gateway.policy.decide import decide
from gateway.policy.decision import Ask
from gateway.policy.differences import Kind, differences, specs_of
from gateway.policy.probes import PLAIN, Probe, probes_of
from gateway.policy.witness import witnesses
from gateway.terms import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateway.policy.callers import Caller
    from gateway.policy.case import Case
    from gateway.policy.decision import Decision
    from gateway.policy.differences import Specs
    from gateway.policy.model import Policy
    from gateway.policy.suite import Scan

__all__ = ["Change", "Diff", "Question", "Side", "diff"]

_ORDER: Final = {kind: place for place, kind in enumerate(get_args(Kind))}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two policies, and what runs its scanners."""

    policy: Policy
    scan: Scan


@dataclass(frozen=True, slots=True)
class Question:
    """One request: who asks for what; with the name of a test where its texts were read."""

    caller: str
    route: str = ""
    model: str = ""
    parameters: str = ""
    test: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One change, told once.

    Attributes:
        kind: What changed.
        before: What the old policy does.
        after: What the new one does.
        count: How many of the questions it answers so.
        example: One of them.
        callers: Whom it is about; likewise ``routes`` and ``models``, of those that were asked.
    """

    kind: Kind
    before: str
    after: str
    count: int
    example: Question
    callers: tuple[str, ...]
    routes: tuple[str, ...]
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """All changes, newly allowed first, and how many questions were asked."""

    changes: tuple[Change, ...]
    asked: int


@dataclass(slots=True)
class _Group:
    """The questions with the same change."""

    example: Question
    count: int = 0
    callers: dict[str, None] = field(default_factory=dict)
    routes: dict[str, None] = field(default_factory=dict)
    models: dict[str, None] = field(default_factory=dict)

    def add(self, question: Question) -> None:
        self.count += 1
        self.callers[question.caller] = None
        self.routes[question.route] = None
        self.models[question.model] = None

    def change(self, kind: Kind, before: str, after: str) -> Change:
        return Change(
            kind,
            before,
            after,
            self.count,
            self.example,
            *(tuple(filter(None, names)) for names in (self.callers, self.routes, self.models)),
        )


def diff(old: Side, new: Side, day: int) -> Diff:
    """Compares two policies as they decide on a day (since 1970-01-01, UTC)."""
    return _Comparison(old, new, day).run()


class _Comparison:
    def __init__(self, old: Side, new: Side, day: int) -> None:
        self._old, self._new, self._day = old, new, day
        self._asked = 0
        self._groups: dict[tuple[Kind, str, str], _Group] = {}
        self._read: dict[tuple[tuple[str, ...], tuple[str, ...]], _Group] = {}
        self._specs: dict[tuple[int, tuple[str, ...]], Specs] = {}

    def run(self) -> Diff:
        policies = self._old.policy, self._new.policy
        routes = tuple(dict.fromkeys(route for one in policies for route in one.routes))
        models = witnesses(_globs(policies))
        for caller in callers_of(*policies):
            self._control(caller)
            for route in routes:
                for model in models:
                    self._point(caller, route, model)
        self._texts()
        changes = [group.change(*key) for key, group in self._groups.items()]
        return Diff(tuple(sorted(changes, key=_place)), self._asked)

    def _control(self, caller: Caller) -> None:
        before, after = (
            ", ".join(sorted(side.policy.control_of(caller.roles_in(side.policy)))) or "nothing"
            for side in (self._old, self._new)
        )
        if before != after:
            self._add(("control", before, after), Question(caller.label))

    def _point(self, caller: Caller, route: str, model: str) -> None:
        asks = [
            (policy, caller.roles_in(policy), caller.exceptions_in(policy))
            for policy in (self._old.policy, self._new.policy)
        ]
        for probe in self._probes(asks, route, model):
            self._asked += 1
            old, new = (
                decide(policy, Ask(roles, route, model, probe.parameters, exceptions, self._day))
                for policy, roles, exceptions in asks
            )
            if old != new or old.scanners:
                self._compare(old, new, Question(caller.label, route, model, probe.label))

    def _probes(
        self, asks: list[tuple[Policy, frozenset[str], frozenset[str]]], route: str, model: str
    ) -> tuple[Probe, ...]:
        conditions = [
            rule.when + rule.require + rule.clamp
            for policy, roles, _ in asks
            for rule in policy.index.matching(roles, route, model)
            if rule.conditional
        ]
        return probes_of(conditions) if conditions else (PLAIN,)

    def _compare(self, old: Decision, new: Decision, question: Question) -> None:
        before = self._specs_of(self._old.policy, old.scanners)
        after = self._specs_of(self._new.policy, new.scanners)
        for key in differences(old, new, before, after):
            self._add(key, question)
        if old.allowed and new.allowed and before != after:
            pair = (old.scanners, new.scanners)
            self._read.setdefault(pair, _Group(question)).add(question)

    def _specs_of(self, policy: Policy, names: tuple[str, ...]) -> Specs:
        key = (id(policy), names)
        if key not in self._specs:
            self._specs[key] = specs_of(policy, names)
        return self._specs[key]

    def _texts(self) -> None:
        """What becomes of the tests' texts wherever other scanners read."""
        tests = {case.texts: case for side in (self._old, self._new) for case in side.policy.tests}
        for (old, new), group in self._read.items():
            for case in tests.values():
                before, after = _verdict(self._old, case, old), _verdict(self._new, case, new)
                if before != after:
                    self._add_read((before, after), group, case)

    def _add_read(self, verdicts: tuple[str, str], read: _Group, case: Case) -> None:
        asked = read.example
        example = Question(asked.caller, asked.route, asked.model, asked.parameters, case.name)
        group = self._groups.setdefault(("actions", *verdicts), _Group(example))
        group.count += read.count
        group.callers |= read.callers
        group.routes |= read.routes
        group.models |= read.models

    def _add(self, key: tuple[Kind, str, str], question: Question) -> None:
        self._groups.setdefault(key, _Group(question)).add(question)


def _globs(policies: Iterable[Policy]) -> Iterator[str]:
    for policy in policies:
        yield from (glob for rule in policy.rules for glob in rule.models)
        yield from (glob for override in policy.overrides for glob in override.models)
        yield from (case.model for case in policy.tests)


def _verdict(side: Side, case: Case, scanners: tuple[str, ...]) -> str:
    """The strongest action on a test's texts, and what it was for."""
    try:
        hits = [
            hit for provenance, text in case.texts for hit in side.scan(text, provenance, scanners)
        ]
    except GatewayError:
        return side.policy.defaults.on_scanner_error.word
    strongest = max((hit.action for hit in hits), default=Action.ALLOW)
    found = sorted({f"{hit.scanner} {hit.entity}" for hit in hits if hit.action is strongest})
    return strongest.word + (f" ({', '.join(found)})" if found else "")


def _place(change: Change) -> tuple[int, int, str, str]:
    return _ORDER[change.kind], -change.count, change.before, change.after
