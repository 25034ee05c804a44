"""What injection rules find: all of them together, and one of them alone."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from gateway.scan.decode import RUN
from gateway.scan.engine import Engine, default_specs
from gateway.scan.injection import INJECTION
from gateway.scan.matcher import Automaton
from gateway.scan.normalise import LAYERS, unfold
from gateway.scan.rating import PROMPT_INJECTION
from gateway.scan.reader import Reader, State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _pytest.mark import ParameterSet

    from gateway.scan.rules import InjectionRule
    from gateway.terms import Provenance

__all__ = ["entities_in", "found_by", "negatives", "positives", "source_of"]

_FLAGGED = 0.6


@cache
def _engine() -> Engine:
    return Engine(default_specs())


def entities_in(text: str, provenance: Provenance = "user") -> set[str]:
    """The families that the whole set of rules finds at its default thresholds."""
    scan = _engine().scan(text, provenance, ("injection",))
    return {one.entity for one in scan.findings} - {PROMPT_INJECTION}


def found_by(rule: InjectionRule, text: str) -> bool:
    """Whether this rule matches in a layer of the text, whatever the others do."""
    reader = _reader(rule.id)
    for _ in range(LAYERS + 1):
        if reader.read(State(), text)[0]:
            return True
        layer = unfold(text)
        if layer is None:
            return False
        text = layer.text
    return False


def source_of(rule: InjectionRule) -> Provenance | None:
    """Where the rule counts alone; None where it counts beside others only."""
    if rule.entity == "TOOL_ORDER":
        return "tool" if rule.score + 0.1 >= _FLAGGED else None
    if rule.score >= _FLAGGED:
        return "user"
    return "tool" if rule.score + 0.1 >= _FLAGGED else None


def positives(rules: Iterable[InjectionRule]) -> list[ParameterSet]:
    """Each rule with each of its sentences."""
    return [
        pytest.param(rule, text, id=f"{rule.id}-{count}")
        for rule in rules
        for count, text in enumerate(rule.positives)
    ]


def negatives(rules: Iterable[InjectionRule]) -> list[ParameterSet]:
    """Each rule with each of its harmless sentences."""
    return [
        pytest.param(rule, text, id=f"{rule.id}-{count}")
        for rule in rules
        for count, text in enumerate(rule.negatives)
    ]


@cache
def _reader(rule: str) -> Reader:
    found = [one for one in INJECTION if one.rule in (rule, f"{rule}-folded")]
    automaton = Automaton([RUN.trigger, *(one.regex.trigger for one in found)])
    return Reader(automaton, dict(enumerate(found, 1)))
