"""What the tests of the steps share."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from decisions import allowing

from gateway.scan.engine import Engine
from gateway.terms import Action, EntityRule, ScannerSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.policy.decision import Decision

_ON = frozenset({"user", "unknown", "answer"})
_SPECS = (
    ScannerSpec(
        "pii",
        "pii",
        _ON,  # type: ignore[arg-type]
        {"EMAIL_ADDRESS": EntityRule(Action.REDACT), "CREDIT_CARD": EntityRule(Action.BLOCK)},
    ),
    ScannerSpec(
        "secrets",
        "secrets",
        frozenset({"user"}),
        action=Action.BLOCK,
    ),
)


@cache
def _engine() -> Engine:
    return Engine(_SPECS)


@pytest.fixture
def engine() -> Engine:
    """Scanners that read users and answers: mail addresses go, cards and secrets block."""
    return _engine()


@pytest.fixture
def decision() -> Callable[..., Decision]:
    """Makes a decision that allows, with these scanners."""

    def make(*scanners: str, on_error: Action = Action.BLOCK) -> Decision:
        return allowing(*(scanners or ("pii", "secrets")), on_error=on_error)

    return make
