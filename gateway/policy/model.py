"""A policy as it is in force: immutable, complete, every reference resolved."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from gateway.claims import strings_at
from gateway.policy.index import RuleIndex
from gateway.policy.memo import Memo
from gateway.policy.variants import Variants
from gateway.terms import HOLD_BACK, PARAMETERS, WORDLESS, Action, HoldBack

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.errors import Problem
    from gateway.policy.case import Case
    from gateway.policy.controls import Control
    from gateway.policy.decision import (
        Capture,
        OnStateError,
        UnknownConversations,
        UnknownFields,
    )
    from gateway.policy.exceptions import PolicyException
    from gateway.policy.override import Override
    from gateway.policy.plan import Plan
    from gateway.policy.restriction import Restriction
    from gateway.policy.rule import Rule
    from gateway.terms import Limit, Parameters, Principal, ScannerSpec

__all__ = ["ROUTES", "ClaimMatch", "Defaults", "Policy", "Role"]

ROUTES: Final = (
    "chat.completions",
    "completions",
    "embeddings",
    "responses",
    "messages",
    "generate_content",
    "ollama.chat",
    "ollama.generate",
)
"""The names by which policies know the routes of the data plane."""

_TOKENS: Final = 4096
_PLANS: Final = 4096
_PLANS_BY_RULES: Final = 512

_TokenKey = tuple[bytes, tuple[str, ...]]
_AskKey = tuple[frozenset[str], str, str, frozenset[str], int]
_RulesKey = tuple[frozenset[str], str, tuple[tuple[str, ...], ...], frozenset[str], int]


@dataclass(frozen=True, slots=True)
class ClaimMatch:
    """The token's claim at ``claim`` holds at least one of ``any_of``."""

    claim: str
    any_of: frozenset[str]


@dataclass(frozen=True, slots=True)
class Role:
    """Who has a role (by a claim, or by its name among the token's roles), and what it grants."""

    match: ClaimMatch | None = None
    inherits: tuple[str, ...] = ()
    control: frozenset[Control] = frozenset()

    def held_by(self, name: str, principal: Principal) -> bool:
        """Whether the token itself gives this role to its bearer."""
        if self.match is None:
            return name in principal.roles
        return not self.match.any_of.isdisjoint(strings_at(principal.claims, self.match.claim))


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for every request."""

    on_scanner_error: Action = Action.BLOCK
    capture: Capture = "sealed"
    on_state_error: OnStateError = "refuse"
    unknown_fields: UnknownFields = "scan"
    unknown_conversations: UnknownConversations = "refuse"
    hold_back: HoldBack = HOLD_BACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All files of a policy, compiled.

    Attributes:
        name: From its metadata.
        revision: From its metadata.
        owner: From its metadata.
        digest: SHA-256 over the files' names and bytes, in hex.
        files: The files it was read from, sorted.
        defaults: What holds for every request.
        roles: The roles by name.
        models: The named sets of models.
        limits: The limits by name.
        scanners: The scanners in the order of the files, each followed by its variants, and what
            reads for rules about answers: every scanner that a decision can name. All but the
            first are made here; those given are made anew.
        rules: The rules that allow or deny, in the order of the files.
        overrides: The rules that change a scanner, in the order of the files.
        restrictions: What rules say of answers, in the order of the files.
        exceptions: The exceptions, in the order of the files.
        tests: The embedded tests, in the order of the files.
        routes: The routes that rules could name.
        own: Those of them that are an upstream's own, each with its only model.
        warnings: What stands in the files but is seldom meant.

    Raises:
        TooManyVariants: Exceptions and overrides combine to more scanners than are compiled.
    """

    name: str = "unnamed"
    revision: int = 0
    owner: str | None = None
    digest: str = ""
    files: tuple[str, ...] = ()
    defaults: Defaults = Defaults()
    roles: Mapping[str, Role] = field(default_factory=lambda: MappingProxyType({}))
    models: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    limits: Mapping[str, Limit] = field(default_factory=lambda: MappingProxyType({}))
    scanners: tuple[ScannerSpec, ...] = ()
    rules: tuple[Rule, ...] = ()
    overrides: tuple[Override, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    exceptions: tuple[PolicyException, ...] = ()
    tests: tuple[Case, ...] = ()
    routes: tuple[str, ...] = ROUTES
    own: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    warnings: tuple[Problem, ...] = ()

    index: RuleIndex[Rule] = field(init=False, repr=False, compare=False)
    override_index: RuleIndex[Override] = field(init=False, repr=False, compare=False)
    restriction_index: RuleIndex[Restriction] = field(init=False, repr=False, compare=False)
    variants: Variants = field(init=False, repr=False, compare=False)
    plans: Memo[_AskKey, Plan] = field(init=False, repr=False, compare=False)
    plans_by_rules: Memo[_RulesKey, Plan] = field(init=False, repr=False, compare=False)
    _roles_of: Memo[_TokenKey, frozenset[str]] = field(init=False, repr=False, compare=False)
    _exceptions_of: Memo[_TokenKey, frozenset[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        variants = Variants(self.base_scanners, self.overrides, self.exceptions)
        derived: dict[str, Any] = {
            "scanners": (
                *variants.specs,
                *(it for one in self.restrictions for it in one.scanners),
            ),
            "variants": variants,
            "index": RuleIndex(self.rules),
            "override_index": RuleIndex(self.overrides),
            "restriction_index": RuleIndex(self.restrictions),
            "plans": Memo(_PLANS),
            "plans_by_rules": Memo(_PLANS_BY_RULES),
            "_roles_of": Memo(_TOKENS),
            "_exceptions_of": Memo(_TOKENS),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    @property
    def base_scanners(self) -> tuple[ScannerSpec, ...]:
        """The scanners as the files have them, without variants."""
        return tuple(spec for spec in self.scanners if not spec.of)

    def roles_of(self, principal: Principal) -> frozenset[str]:
        """The roles of a caller, inherited ones included; remembered per token."""
        key = (principal.key, principal.roles)
        known = self._roles_of.get(key)
        return known if known is not None else self._roles_of.put(key, self.find_roles(principal))

    def exceptions_of(self, principal: Principal) -> frozenset[str]:
        """Ids of the exceptions that are made for a caller, on any day; remembered per token."""
        key = (principal.key, principal.roles)
        known = self._exceptions_of.get(key)
        if known is None:
            known = self._exceptions_of.put(key, self._find_exceptions(principal))
        return known

    def _find_exceptions(self, principal: Principal) -> frozenset[str]:
        roles, claims = self.roles_of(principal), principal.claims
        return frozenset(one.id for one in self.exceptions if one.is_for(roles, claims))

    def find_roles(self, principal: Principal) -> frozenset[str]:
        """The roles of a caller, looked up anew."""
        return self.with_inherited(
            name for name, role in self.roles.items() if role.held_by(name, principal)
        )

    def with_inherited(self, names: Iterable[str]) -> frozenset[str]:
        """Roles and all that they inherit, at any remove; names of no role are left out."""
        found: set[str] = set()
        waiting = [name for name in names if name in self.roles]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.roles[name].inherits
        return frozenset(found)

    def said_on(self, route: str, parameters: Parameters | None) -> Parameters | None:
        """What is known of parameters on a route: on one of an upstream's own, hardly anything."""
        if parameters is None or route not in self.own:
            return parameters
        return replace(parameters, inexpressible=frozenset(PARAMETERS) - WORDLESS)

    def control_of(self, roles: frozenset[str]) -> frozenset[Control]:
        """What a caller with these roles may do on the control plane."""
        return frozenset().union(
            *(self.roles[name].control for name in roles if name in self.roles)
        )
