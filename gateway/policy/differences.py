"""How two decisions about the same request differ, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gateway.policy.decision import Decision, LimitUse
    from gateway.policy.model import Policy
    from gateway.terms import Limit, Rate, ScannerSpec

__all__ = ["Kind", "Specs", "differences", "show_limit", "specs_of"]

Kind = Literal["allowed", "denied", "control", "actions", "scanners", "changes", "limits", "terms"]
"""What changed: requests are newly allowed or denied, a role's control, what becomes of a test's
texts, the scanners' settings, what is changed in requests, the limits, and the other terms."""

Specs = tuple["ScannerSpec", ...]


def differences(
    old: Decision, new: Decision, old_specs: Specs, new_specs: Specs
) -> Iterator[tuple[Kind, str, str]]:
    """What changed, before and after; the scanners are those of ``specs_of``."""
    if old.allowed != new.allowed:
        yield "allowed" if new.allowed else "denied", old.reason, new.reason
    if not (old.allowed and new.allowed):
        return
    if old_specs != new_specs:
        yield "scanners", *_scanner_words(old_specs, new_specs)
    if old.changes != new.changes:
        yield "changes", _pairs(old.changes), _pairs(new.changes)
    if old.limits != new.limits:
        yield "limits", _limit_words(old.limits), _limit_words(new.limits)
    if _terms(old) != _terms(new):
        yield (
            "terms",
            _pairs(_changed(_terms(old), _terms(new))),
            _pairs(_changed(_terms(new), _terms(old))),
        )


def specs_of(policy: Policy, names: Iterable[str]) -> Specs:
    """The settings of scanners as findings show them: a variant by the name of its scanner."""
    by_name = {scanner.name: scanner for scanner in policy.scanners}
    return tuple(replace(spec, name=spec.shown, of="") for spec in map(by_name.__getitem__, names))


def show_limit(limit: Limit) -> str:
    """A limit in one line."""
    parts = [
        f"{_rate(limit.requests)} requests" if limit.requests else "",
        f"{_rate(limit.tokens)} tokens" if limit.tokens else "",
        f"{limit.concurrent} at a time" if limit.concurrent is not None else "",
    ]
    return f"{limit.name}: {', '.join(filter(None, parts))} per {limit.per}"


def _rate(rate: Rate) -> str:
    return f"{rate.amount} in {rate.seconds:g} s"


def _limit_words(uses: Iterable[LimitUse]) -> str:
    shown = (
        show_limit(use.limit) + (f" ({', '.join(use.roles)})" if use.roles else "") for use in uses
    )
    return "; ".join(shown) or "none"


def _terms(decision: Decision) -> dict[str, object]:
    return {
        "on_scanner_error": decision.on_scanner_error.word,
        "on_state_error": decision.on_state_error,
        "capture": decision.capture,
    }


def _changed(one: Mapping[str, object], other: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in one.items() if other.get(key) != value}


def _pairs(values: Mapping[str, object]) -> str:
    return ", ".join(f"{key}={_shown(value)}" for key, value in sorted(values.items())) or "none"


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(str(one) for one in value) + "]"
    return str(value)


def _scanner_words(old: Specs, new: Specs) -> tuple[str, str]:
    before, after = _settings(old), _settings(new)
    return _pairs(_changed(before, after)), _pairs(_changed(after, before))


def _settings(specs: Specs) -> dict[str, object]:
    """Every setting of every scanner by its path, such as ``pii.entities.EMAIL_ADDRESS``."""
    found: dict[str, object] = {}
    for spec in specs:
        # Where several rules have variants of one scanner, it reads with the settings of each.
        name = spec.name
        while name in found:
            name += "'"
        for key, value in _flat(spec).items():
            found[f"{name}.{key}" if key else name] = value
    return found


def _flat(spec: ScannerSpec) -> dict[str, Any]:
    flat: dict[str, Any] = {"": "reads", "on": tuple(sorted(spec.on))}
    for entity, rule in spec.entities.items():
        flat[f"entities.{entity}"] = f"{rule.action.word} from {rule.min_score:g}"
    for entity, pattern in spec.patterns.items():
        flat[f"patterns.{entity}"] = pattern
    if spec.kind == "injection":
        flat |= {"flag_at": spec.flag_at, "block_at": spec.block_at}
    elif spec.kind != "pii":
        flat["action"] = spec.action.word
    return flat
