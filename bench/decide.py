"""``python -m bench.decide``: what one decision of a policy with 200 rules costs, in microseconds.

Ten rules are about each caller. Where the policy is conditional, four of the ten require and clamp
parameters within bounds of their own, two deny rules and an override look at images, and no two
requests are alike.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from bench.figures import show
from gateway.policy.decide import decide
from gateway.policy.decision import Ask
from gateway.policy.matrix import Bounds, Condition
from gateway.policy.model import Policy, Role
from gateway.policy.override import Override
from gateway.policy.rule import Rule
from gateway.terms import Action, EntityRule, Limit, Parameters, Rate, ScannerSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateway.terms import Value

_RULES: Final = 200
_PER_CALLER: Final = 10
_CALLS: Final = 500
_ROUNDS: Final = 60

_ROLES: Final = tuple(f"role-{number}" for number in range(_RULES // _PER_CALLER))
_WHEN: Final = (Condition("images", present=True),)
_ASKED: Final[dict[str, tuple[Value, ...]]] = {
    "max_tokens": (1000,),
    "temperature": (0.7,),
    "n": (1,),
    "tools": ("search", "calendar.read"),
    "images": (0,),
}
_ASK: Final = Ask(frozenset({"role-7"}), "chat.completions", "gpt-5", None, frozenset(), 20_000)


def policy_of(*, conditional: bool) -> Policy:
    """A policy with 200 rules, ten for each of twenty roles."""
    entities = MappingProxyType({"PERSON": EntityRule(Action.REDACT)})
    override = Override("stricter", "injection", block_at=0.8, when=_WHEN)
    return Policy(
        roles=MappingProxyType({name: Role() for name in _ROLES}),
        limits=MappingProxyType({"human": Limit("human", requests=Rate(60, 60.0))}),
        scanners=(
            ScannerSpec("pii", "pii", frozenset({"user"}), entities),
            ScannerSpec("injection", "injection", frozenset({"user"})),
        ),
        rules=tuple(_rule(number, conditional=conditional) for number in range(_RULES)),
        overrides=(override,) if conditional else (),
    )


def _rule(number: int, *, conditional: bool) -> Rule:
    about = Rule(
        f"rule-{number}",
        allows=True,
        roles=frozenset({_ROLES[number // _PER_CALLER]}),
        routes=frozenset({"chat.completions", "messages"}),
        models=("gpt-*", f"model-{number}"),
    )
    place = number % _PER_CALLER
    if place < 2:
        deny = replace(about, allows=False)
        return replace(deny, when=_WHEN) if conditional else replace(deny, models=("o*",))
    scanned = replace(about, scan=frozenset({"pii", "injection"}), limits=frozenset({"human"}))
    if conditional and place < 6:
        return replace(scanned, require=_required(number), clamp=_clamped(number))
    return scanned


def _required(number: int) -> tuple[Condition, ...]:
    return (
        Condition("max_tokens", bounds=Bounds(lte=4096 + number)),
        Condition("tools", names=("search", "calendar.*")),
        Condition("n", bounds=Bounds(lte=1)),
    )


def _clamped(number: int) -> tuple[Condition, ...]:
    return (Condition("temperature", bounds=Bounds(lte=1.0 + number / 1000)),)


def _cases() -> Iterator[tuple[str, Policy, Callable[[int], Ask]]]:
    plain, conditional = policy_of(conditional=False), policy_of(conditional=True)
    yield "unconditional, asked before", plain, _ask
    yield "unconditional, a new model", plain, lambda n: _ask(n, model=f"gpt-{n}")
    yield "unconditional, a new day", plain, lambda n: _ask(n, day=n)
    yield "conditional, asked before", conditional, _ask
    yield "conditional, max_tokens written", conditional, lambda n: _ask(n, max_tokens=())
    yield "conditional, temperature clamped", conditional, lambda n: _ask(n, temperature=(2 + n,))
    yield "conditional, refused", conditional, lambda n: _ask(n, images=(1 + n,))
    yield "conditional, a new model", conditional, lambda n: _ask(n, model=f"gpt-{n}")
    yield "conditional, a new day", conditional, lambda n: _ask(n, day=n)
    everybody = frozenset(_ROLES)
    yield "conditional, all 200 rules at once", conditional, lambda n: _ask(n, roles=everybody)


def _ask(
    number: int,
    model: str = _ASK.model,
    day: int = _ASK.day,
    roles: frozenset[str] = _ASK.roles,
    **values: tuple[Value, ...],
) -> Ask:
    asked = MappingProxyType({**_ASKED, "prompt_chars": (number,), **values})
    return replace(_ASK, roles=roles, model=model, day=day, parameters=Parameters(asked))


def measure() -> dict[str, float]:
    """Microseconds per decision, in the fastest round: what else the machine does only adds."""
    found: dict[str, list[float]] = {}
    cases = [*_cases()]
    for number in range(_ROUNDS):
        for name, policy, ask_of in cases:
            asks = [ask_of(number * _CALLS + n) for n in range(_CALLS)]
            found.setdefault(name, []).append(_round(policy, asks))
    return {name: round(min(rounds), 2) for name, rounds in found.items()}


def _round(policy: Policy, asks: list[Ask]) -> float:
    started = time.perf_counter()
    for ask in asks:
        decide(policy, ask)
    return (time.perf_counter() - started) / len(asks) * 1e6


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.decide", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    report = measure()
    show(report, as_json=chosen.json, form="6.2f", unit=" us")


if __name__ == "__main__":
    main()
