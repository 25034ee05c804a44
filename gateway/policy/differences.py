"""How two decisions about the same request differ, in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from gateway.terms import GUARDS, REGIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gateway.policy.decision import Decision
    from gateway.policy.model import Policy
    from gateway.terms import Limit, LimitUse, Rate, ScannerSpec, Words

__all__ = [
    "Difference",
    "Effect",
    "Kind",
    "Specs",
    "differences",
    "effect",
    "opened_or_closed",
    "show_limit",
    "show_settings",
    "show_values",
    "specs_of",
]

Kind = Literal[
    "allowed", "weaker", "granted", "denied", "stricter", "revoked",
    "findings", "scanners", "changes", "limits", "terms", "shadow",
]  # fmt: skip
"""What changed, what opens first: requests are newly allowed, texts of tests meet a weaker action,
control is granted; requests are newly denied, texts meet a stronger action, control is taken away;
other findings of the same action, the scanners' settings, what is changed in requests, the limits,
the other terms, and what is measured in shadow mode."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed, before and after.

    ``cause`` names what brought it about: differences of one kind and cause are one change. Where
    it is empty, they are one if before and after are the same.
    """

    kind: Kind
    before: str
    after: str
    cause: str = ""


_SHORT: Final = 12
"""A list of more terms is not written out."""
Specs = tuple["ScannerSpec", ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """A decision with the settings of the scanners that it names.

    Attributes:
        decision: The decision.
        scanners: The settings of what reads, as findings show it.
        shadows: Per override in shadow mode the settings of what would read.
    """

    decision: Decision
    scanners: Specs
    shadows: tuple[tuple[str, Specs], ...] = ()


def effect(policy: Policy, decision: Decision) -> Effect:
    """What a policy decided, and the settings that this means."""
    return Effect(
        decision,
        specs_of(policy, decision.scanners),
        tuple((one.rule, specs_of(policy, one.scanners)) for one in decision.shadow_scans),
    )


def differences(old: Effect, new: Effect) -> Iterator[Difference]:
    """What changed, before and after."""
    before, after = old.decision, new.decision
    if before.allowed != after.allowed:
        yield opened_or_closed(before.reason, after, denied_by_rules=bool(before.rules))
    elif before.allowed:
        yield from _of_allowed(old, new)
    elif before.rules and after.rules and before.message != after.message:
        yield Difference("terms", _quoted(before.message), _quoted(after.message))
    if before.allowed == after.allowed and _shadow(old) != _shadow(new):
        yield Difference("shadow", _shadow(old), _shadow(new))


def opened_or_closed(before: str, after: Decision, *, denied_by_rules: bool) -> Difference:
    """A request that is newly allowed or newly denied.

    Args:
        before: Why it was decided otherwise.
        after: What is decided now.
        denied_by_rules: Whether it was deny rules that denied it before.
    """
    if after.allowed:
        cause = before if denied_by_rules else after.reason
        return Difference("allowed", before, after.reason, cause)
    cause = after.reason if after.rules else before
    return Difference("denied", before, after.reason, cause)


def _of_allowed(old: Effect, new: Effect) -> Iterator[Difference]:
    before, after = old.decision, new.decision
    if old.scanners != new.scanners:
        settings = show_settings(old.scanners), show_settings(new.scanners)
        yield Difference("scanners", *_both(*settings))
    if before.changes != after.changes:
        yield Difference("changes", show_values(before.changes), show_values(after.changes))
    if before.limits != after.limits:
        yield Difference("limits", _limit_words(before.limits), _limit_words(after.limits))
    if _terms(before) != _terms(after):
        yield Difference("terms", *_both(_terms(before), _terms(after)))


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


def show_values(values: Mapping[str, object]) -> str:
    """Names and their values in one line, sorted."""
    return ", ".join(f"{key}={_shown(value)}" for key, value in sorted(values.items())) or "none"


def show_settings(specs: Specs) -> dict[str, object]:
    """Every setting of every scanner by its path, such as ``pii.entities.EMAIL_ADDRESS``."""
    found: dict[str, object] = {}
    for spec in specs:
        for key, value in _flat(spec).items():
            found[f"{spec.name}.{key}" if key else spec.name] = value
    return found


def _quoted(message: str | None) -> str:
    return "the client reads no reason" if message is None else f"the client reads {message!r}"


def _shadow(of: Effect) -> str:
    rules = [f"{one.rule} would {one.decision}" for one in of.decision.shadow]
    real = show_settings(of.scanners)
    scans = [
        f"{rule} would read with {show_values(_changed(show_settings(specs), real))}"
        for rule, specs in of.shadows
    ]
    return "; ".join([*rules, *scans]) or "nothing is measured"


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
        "unknown_fields": decision.unknown_fields,
        "unknown_conversations": decision.unknown_conversations,
        "capture": decision.capture,
        "hold_back": f"{decision.hold_back.chars} chars, {decision.hold_back.seconds:g} s",
    }


def _both(old: Mapping[str, object], new: Mapping[str, object]) -> tuple[str, str]:
    """What is not the same, before and after."""
    return show_values(_changed(old, new)), show_values(_changed(new, old))


def _changed(one: Mapping[str, object], other: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in one.items() if other.get(key) != value}


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(str(one) for one in value) + "]"
    return str(value)


def _list_words(words: Words) -> str:
    """A short list as it is, a long one by its size and digest."""
    if len(words.terms) <= _SHORT:
        return f"[{', '.join(words.terms)}]"
    return f"{len(words.terms)} terms with SHA-256 {words.digest[:16]}"


def _flat(spec: ScannerSpec) -> dict[str, Any]:
    flat: dict[str, Any] = {"": "reads", "on": tuple(sorted(spec.on))}
    for entity, rule in spec.entities.items():
        kept = ", keeping the format" if rule.keep_format else ""
        flat[f"entities.{entity}"] = f"{rule.action.word} from {rule.min_score:g}{kept}"
    for entity, pattern in spec.patterns.items():
        flat[f"patterns.{entity}"] = pattern
    for entity, words in spec.words.items():
        flat[f"words.{entity}"] = _list_words(words)
    if spec.kind in GUARDS:
        flat |= {"allow": spec.allow, "deny": spec.deny}
    if spec.ask:
        flat |= {"ask": spec.ask, "grey": spec.grey}
    if spec.kind == "copies":
        flat["chars"] = spec.chars
    if spec.kind == "injection":
        flat |= {"flag_at": spec.flag_at, "block_at": spec.block_at}
    elif spec.regions != REGIONS:
        flat["regions"] = spec.regions
    if spec.kind not in ("injection", "pii"):
        flat["action"] = spec.action.word
    return flat
