"""Slips of the pen, and choices that let something pass unread or uncounted."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from gateway.errors import Problem
from gateway.terms import Action

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.policy.merged import Merged

__all__ = ["careless"]

_CLOSE: Final = 0.8


def careless(merged: Merged) -> Iterator[Problem]:
    """Allow rules without scanners, names that are nearly others, and lax defaults."""
    yield from _unscanned(merged)
    yield from _near_misses(merged)
    yield from _sets_as_models(merged)
    yield from _lax(merged)
    if not merged.tests:
        place = merged.at["version", ""].place()
        advice = "add some: they run at every load"
        yield Problem(place, "the policy has no tests", advice, "no-tests")


def _unscanned(merged: Merged) -> Iterator[Problem]:
    for name, rule in merged.rules.items():
        if rule.allow is not None and rule.scan is None and rule.mode == "enforce":
            message = f"the rule {name!r} allows requests that no scanner reads"
            advice = "name scanners, or write 'scan: []' if that is meant"
            yield Problem(merged.at["rules", name].place(), message, advice, "unscanned-rule")


def _near_misses(merged: Merged) -> Iterator[Problem]:
    for name, rule in merged.rules.items():
        for index, model in enumerate(rule.matcher.models):
            close = get_close_matches(model, list(merged.models), n=1, cutoff=_CLOSE)
            if close and model not in merged.models:
                place = merged.at["rules", name].place(rule.kind, "models", index)
                message = f"{model!r} is no set of models, so it is read as the name of one model"
                yield Problem(place, message, f"did you mean {close[0]!r}?", "near-miss")


def _sets_as_models(merged: Merged) -> Iterator[Problem]:
    for name, case in merged.tests.items():
        if case.given.model in merged.models:
            place = merged.at["tests", name].place("given", "model")
            message = f"{case.given.model!r} is a set of models, and a request asks for one model"
            yield Problem(place, message, "name one of its models", "set-as-model")


def _lax(merged: Merged) -> Iterator[Problem]:
    defaults = merged.defaults
    if defaults is None:
        return
    at = merged.at["defaults", ""]
    if defaults.on_scanner_error is not Action.BLOCK:
        word = defaults.on_scanner_error.word
        message = f"with on_scanner_error: {word}, a text that could not be scanned passes"
        advice = "block is the safe choice"
        yield Problem(at.place("on_scanner_error"), message, advice, "lax-scanner-error")
    if defaults.on_state_error != "refuse":
        message = "with on_state_error: allow, nobody is limited while the shared state is lost"
        advice = "refuse is the safe choice"
        yield Problem(at.place("on_state_error"), message, advice, "lax-state-error")
    if defaults.unknown_conversations != "refuse":
        message = (
            "with unknown_conversations: allow, whoever knows an id may be the first to use it"
        )
        advice = "refuse is the safe choice"
        yield Problem(at.place("unknown_conversations"), message, advice, "lax-conversations")
