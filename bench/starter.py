"""The starter policy, as the benches inside one process use it: all its scanners on."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from gateway.policy.decision import Decision
from gateway.scan.engine import Engine
from gateway.steps.activation import compile_policy
from gateway.terms import Action, EntityRule

if TYPE_CHECKING:
    from gateway.terms import ScannerSpec

__all__ = ["starter"]


def starter(*, tokenised: bool = False) -> tuple[Engine, Decision]:
    """An engine with the scanners of the starter policy, and a decision that asks for them all.

    Args:
        tokenised: Whether e-mail addresses get stand-ins, which the starter policy redacts.
    """
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
    if tokenised:
        return Engine([_tokenising(one) for one in active.policy.scanners]), decision
    return active.engine, decision


def _tokenising(spec: ScannerSpec) -> ScannerSpec:
    if "EMAIL_ADDRESS" not in spec.entities:
        return spec
    return replace(spec, entities={**spec.entities, "EMAIL_ADDRESS": EntityRule(Action.TOKENISE)})
