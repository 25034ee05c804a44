"""What injection rules find: all of them together, and one of them alone."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from gateway.scan.decode import RUN
from gateway.scan.engine import Engine, default_specs
from gateway.scan.injection import INJECTION
from gateway.scan.matcher import Automaton
from gateway.scan.reader import Reader, State

if TYPE_CHECKING:
    from gateway.scan.rules import InjectionRule
    from gateway.terms import Provenance

__all__ = ["entities_in", "found_by"]


@cache
def _engine() -> Engine:
    return Engine(default_specs())


def entities_in(text: str, provenance: Provenance = "user") -> set[str]:
    """The families that the whole set of rules finds at its default thresholds."""
    scan = _engine().scan(text, provenance, ("injection",))
    return {one.entity for one in scan.findings}


def found_by(rule: InjectionRule, text: str) -> bool:
    """Whether this rule matches, whatever the others do."""
    hits, _ = _reader(rule.id).read(State(), text)
    return bool(hits)


@cache
def _reader(rule: str) -> Reader:
    (detector,) = (one for one in INJECTION if one.rule == rule)
    return Reader(Automaton([RUN.trigger, detector.regex.trigger]), {1: detector})
