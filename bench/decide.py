"""``python -m bench.decide``: what one decision of a policy with 200 rules costs, in microseconds.

Ten rules are about each caller. In "conditional", half of them ask for parameters: what they
require, what they clamp, and what two deny rules and an override refuse. "New" decides what was
never decided before; everything else has been asked before with other parameters.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gateway.policy.decide import decide
from gateway.policy.decision import Ask
from gateway.policy.matrix import Bounds, Condition
from gateway.policy.model import Policy, Role
from gateway.policy.override import Override
from gateway.policy.rule import Rule
from gateway.terms import Action, EntityRule, Limit, Parameters, Rate, ScannerSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gateway.terms import Value

_RULES: Final = 200
_PER_CALLER: Final = 10
_CALLS: Final = 2000
_ROUNDS: Final = 15

_ROUTES: Final = frozenset({"chat.completions", "messages"})
_REQUIRE: Final = (
    Condition("max_tokens", bounds=Bounds(lte=4096)),
    Condition("tools", names=("search", "calendar.*")),
    Condition("n", bounds=Bounds(lte=1)),
)
_CLAMP: Final = (Condition("temperature", bounds=Bounds(lte=1.0)),)
_WHEN: Final = (Condition("images", present=True),)
_ASKED: Final = Parameters(
    MappingProxyType(
        {
            "max_tokens": (1000,),
            "temperature": (0.7,),
            "n": (1,),
            "tools": ("search", "calendar.read"),
            "images": (0,),
            "prompt_chars": (1200,),
        }
    ),
    frozenset({"max_tokens", "temperature", "tools"}),
)


def policy_of(*, conditional: bool) -> Policy:
    """A policy with 200 rules, ten for each of twenty roles."""
    rules = [_rule(number, conditional=conditional) for number in range(_RULES)]
    entities = MappingProxyType({"PERSON": EntityRule(Action.REDACT)})
    return Policy(
        roles=MappingProxyType({f"role-{n}": Role() for n in range(_RULES // _PER_CALLER)}),
        limits=MappingProxyType({"human": Limit("human", requests=Rate(60, 60.0))}),
        scanners=(
            ScannerSpec("pii", "pii", frozenset({"user"}), entities),
            ScannerSpec("injection", "injection", frozenset({"user"})),
        ),
        rules=tuple(rules),
        overrides=(Override("stricter", "injection", block_at=0.8, when=_WHEN),)
        if conditional
        else (),
    )


def _rule(number: int, *, conditional: bool) -> Rule:
    about = Rule(
        f"rule-{number}",
        allows=True,
        roles=frozenset({f"role-{number // _PER_CALLER}"}),
        routes=_ROUTES,
        models=("gpt-*", f"model-{number}"),
        scan=frozenset({"pii", "injection"}),
        limits=frozenset({"human"}),
    )
    place = number % _PER_CALLER
    if place > _PER_CALLER // 2:
        return about
    if place < 2:
        deny = replace(about, allows=False, scan=frozenset(), limits=frozenset())
        return replace(deny, when=_WHEN) if conditional else replace(deny, models=("o*",))
    return replace(about, require=_REQUIRE, clamp=_CLAMP) if conditional else about


def _cases() -> Iterator[tuple[str, Policy, Callable[[int], Ask]]]:
    ask = Ask(frozenset({"role-7"}), "chat.completions", "gpt-5", _ASKED, frozenset(), 20_000)
    open_end = replace(_ASKED, values=_without(_ASKED, "max_tokens"))
    hot = [_with("temperature", 1.1 + n / 1000) for n in range(1000)]
    cold = [_with("prompt_chars", n) for n in range(1000)]
    plain, conditional = policy_of(conditional=False), policy_of(conditional=True)
    yield "unconditional", plain, lambda _: ask
    yield "unconditional, new", plain, lambda n: replace(ask, model=f"gpt-{n}")
    yield "conditional", conditional, lambda n: replace(ask, parameters=cold[n % 1000])
    yield (
        "conditional, max_tokens left to us",
        conditional,
        lambda _: replace(ask, parameters=open_end),
    )
    yield (
        "conditional, temperature clamped",
        conditional,
        lambda n: replace(ask, parameters=hot[n % 1000]),
    )
    yield "conditional, new", conditional, lambda n: replace(ask, model=f"gpt-{n}")


def _with(word: str, value: float) -> Parameters:
    return replace(_ASKED, values=MappingProxyType({**_ASKED.values, word: (value,)}))


def _without(parameters: Parameters, word: str) -> Mapping[str, tuple[Value, ...]]:
    return MappingProxyType({key: it for key, it in parameters.values.items() if key != word})


def measure() -> dict[str, float]:
    """Microseconds per decision: the median of rounds, without what asking costs."""
    return {name: round(_median(policy, ask), 2) for name, policy, ask in _cases()}


def _median(policy: Policy, ask_of: Callable[[int], Ask]) -> float:
    rounds = []
    for number in range(_ROUNDS):
        asks = [ask_of(number * _CALLS + n) for n in range(_CALLS)]
        started = time.perf_counter()
        for ask in asks:
            decide(policy, ask)
        rounds.append((time.perf_counter() - started) / _CALLS * 1e6)
    return statistics.median(rounds)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.decide", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    report = measure()
    if chosen.json:
        print(json.dumps(report))
    else:
        width = max(map(len, report))
        for name, value in report.items():
            print(f"{name:<{width}}  {value:6.2f} us")


if __name__ == "__main__":
    main()
