"""The starter policy, as the benches inside one process use it: all its scanners on."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from gateway.policy.decision import Decision
from gateway.steps.activation import compile_policy
from gateway.terms import Action

if TYPE_CHECKING:
    from gateway.scan.engine import Engine

__all__ = ["starter"]


def starter() -> tuple[Engine, Decision]:
    """An engine with the scanners of the starter policy, and a decision that asks for them all."""
    with as_file(files("gateway.starter").joinpath("policies")) as folder:
        active = compile_policy([folder])
    decision = Decision(
        allowed=True,
        rules=("bench",),
        reason="",
        message=None,
        scanners=tuple(scanner.name for scanner in active.policy.scanners),
        capture="sealed",
        on_scanner_error=Action.BLOCK,
    )
    return active.engine, decision
