"""Policy files become the policy in force, with its scanners ready; all of it, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from gateway.errors import ConfigurationError, Place, Problem
from gateway.policy.bundle import Signed, load_signed
from gateway.policy.known import Known
from gateway.policy.load import load_policy
from gateway.policy.revision import Stamp, write_stamp
from gateway.policy.suite import CaseResult, run_suite
from gateway.scan.engine import Engine, known_entities
from gateway.scan.matcher import check_pattern
from gateway.scan.phone import PLANS
from gateway.scan.regex import RegexError
from gateway.scan.words import check_term
from gateway.steps.copying import copies_among
from gateway.terms import PROVENANCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from gateway.model_settings import ModelSettings
    from gateway.policy.model import Policy
    from gateway.policy.suite import Hit
    from gateway.settings import PolicySettings
    from gateway.terms import Provenance

__all__ = ["Active", "Signed", "activate", "compile_policy", "run_tests", "signed_of"]


@dataclass(frozen=True, slots=True)
class Active:
    """A policy, and the engine that runs its scanners; with its stamp where it is signed."""

    policy: Policy
    engine: Engine
    stamp: Stamp | None = None


def signed_of(settings: PolicySettings) -> Signed | None:
    """What a policy must prove by the settings; None where no signature is asked for."""
    if settings.signed_by is None or settings.revision_file is None:
        return None
    return Signed(settings.signed_by, settings.revision_file)


def activate(
    paths: Sequence[Path],
    signed: Signed | None = None,
    *,
    own: Mapping[str, str] | None = None,
    models: Mapping[str, ModelSettings] | None = None,
    remember: bool = True,
) -> Active:
    """Loads, checks, compiles and tests a policy.

    Args:
        paths: Its files or folders; where it is signed, its folder.
        signed: What it must prove, if anything.
        own: The names of routes that upstreams have of their own, each with its only model; None
            where the settings are not known.
        models: The models that scanners may ask; None where the settings are not known.
        remember: Whether a signed policy's revision is remembered, so that none before it is taken
            any more. It is before the policy acts: else one that acted could be rolled back.

    Raises:
        ConfigurationError: With every problem and its place; tests that fail are problems too.
    """
    active = compile_policy(paths, signed, own=own, models=models)
    failed = [result.problem() for result in run_tests(active) if not result.passed]
    if failed:
        raise ConfigurationError(failed)
    if remember and signed is not None and active.stamp is not None:
        write_stamp(signed.revision_file, active.stamp)
    return active


def compile_policy(
    paths: Sequence[Path],
    signed: Signed | None = None,
    *,
    own: Mapping[str, str] | None = None,
    models: Mapping[str, ModelSettings] | None = None,
) -> Active:
    """Loads, checks and compiles a policy without running its tests; as ``activate``.

    Raises:
        ConfigurationError: With every problem and its place.
    """
    known = Known(
        own=own,
        models=_kinds(models),
        entities=known_entities(),
        check_pattern=check_pattern,
        check_term=check_term,
        regions=PLANS,
    )
    load = partial(load_policy, known=known)
    if signed is None:
        return _compiled(load(paths), None)
    return _compiled(*load_signed(paths, signed, load))


def _kinds(models: Mapping[str, ModelSettings] | None) -> dict[str, str] | None:
    if models is None:
        return None
    return {name: "injection" if one.classifies else "pii" for name, one in models.items()}


def _compiled(policy: Policy, stamp: Stamp | None) -> Active:
    try:
        active = Active(policy, Engine(policy.scanners), stamp)
        _warm(active)
    except RegexError as error:
        # Each pattern holds alone; together they may be too much for one automaton.
        problem = Problem(Place(policy.files[0]), f"the scanners do not compile: {error}")
        raise ConfigurationError(problem) from None
    return active


def _warm(active: Active) -> None:
    """Compiles now, off the event loop, what the first request of each kind would compile."""
    order = [scanner.name for scanner in active.policy.scanners]
    for wanted in {frozenset(rule.scan) for rule in active.policy.rules if rule.allows}:
        scanners = tuple(name for name in order if name in wanted)
        for provenance in PROVENANCES:
            active.engine.scan("a text long enough to be read", provenance, scanners)
            # A sign and not a word, which would be held without asking what could begin there.
            active.engine.stream(provenance, scanners).feed(". ")


def run_tests(active: Active) -> tuple[CaseResult, ...]:
    """Runs the embedded tests with the policy's own scanners."""

    def scan(text: str, provenance: Provenance, scanners: tuple[str, ...]) -> Iterable[Hit]:
        return active.engine.scan(text, provenance, scanners).findings

    return run_suite(active.policy, scan, partial(copies_among, active.policy))
