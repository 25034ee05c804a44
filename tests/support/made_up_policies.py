"""Small policies of every kind of rule, and requests that they tell apart."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from gateway.policy.decision import NEVER, Ask
from gateway.policy.exceptions import PolicyException
from gateway.policy.matrix import Bounds, Condition
from gateway.policy.model import Policy, Role
from gateway.policy.override import Override
from gateway.policy.rule import Rule
from gateway.terms import Action, EntityRule, Limit, Parameters, ScannerSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.terms import Value

__all__ = [
    "ALLOW_RULES",
    "ASKS",
    "CLAMPS",
    "CONDITIONS",
    "DENY_RULES",
    "ENTITIES",
    "EXCEPTIONS",
    "IDS",
    "LIKE_ASKS",
    "LIMITS",
    "OVERRIDES",
    "PARAMETERS",
    "POLICIES",
    "ROLES",
    "ROUTES",
    "SCANNERS",
    "WORDS",
    "each_with_its_id",
    "policy_of",
]

ROLES: Final = ("a", "b", "c")
ROUTES: Final = ("chat.completions", "messages")
MODELS: Final = ("m", "m1", "n")
ENTITIES: Final = ("E1", "E2", "E3")
IDS: Final = tuple(f"r{number}" for number in range(5))
LIMITS: Final = MappingProxyType(
    {
        "each": Limit("each"),
        "of-role": Limit("of-role", per="role"),
        "all": Limit("all", "everyone"),
    }
)


def _some(values: tuple[str, ...], most: int | None = None) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), max_size=most)


def _mostly(value: Any, other: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.just(value), st.just(value), other)


def _bounds(values: tuple[Any, ...]) -> st.SearchStrategy[Bounds]:
    one = st.sampled_from(values)
    return st.one_of(
        st.builds(Bounds, lte=one),
        st.builds(Bounds, gte=one),
        st.tuples(one, one).map(lambda two: Bounds(gte=two[0], lte=two[1])),
    )


def _in(values: tuple[Any, ...]) -> st.SearchStrategy[Bounds]:
    some = st.lists(st.sampled_from(values), min_size=1, max_size=2)
    return some.map(lambda these: Bounds(one_of=tuple(dict.fromkeys(these))))


_VALUES: Final[dict[str, tuple[Any, ...]]] = {
    "max_tokens": (1, 2, 3),
    "temperature": (0.0, 0.5, 1),
    "reasoning_effort": ("none", "low", "high"),
}
_GLOBS: Final = st.lists(st.sampled_from(["t*", "t1", "u", "*"]), min_size=1, max_size=2).map(tuple)
_TEXTS: Final = st.sampled_from(["S", "SO", "T"])
_WORDS: Final = st.sampled_from(sorted(_VALUES))
_RANGES: Final = _WORDS.flatmap(
    lambda word: st.builds(Condition, st.just(word), bounds=_bounds(_VALUES[word]))
)
CLAMPS: Final = st.one_of(
    _RANGES,
    st.builds(Condition, st.just("tools"), names=_GLOBS),
    st.builds(Condition, st.just("system"), pinned=_TEXTS),
    st.builds(Condition, st.just("system"), prefix=_TEXTS),
)
"""What can be written."""
CONDITIONS: Final = st.one_of(
    CLAMPS,
    _WORDS.flatmap(lambda word: st.builds(Condition, st.just(word), bounds=_in(_VALUES[word]))),
    st.builds(
        Condition,
        st.sampled_from(["temperature", "tools", "images", "system", "max_tokens"]),
        present=st.booleans(),
    ),
    st.builds(Condition, st.just("tools"), any_name=_GLOBS),
    st.builds(Condition, st.just("tools"), count=_bounds((0, 1, 2))),
    st.builds(Condition, st.just("stream"), bounds=_in((True, False))),
    st.builds(Condition, st.just("tool_choice"), bounds=_in(("auto", "none"))),
    st.builds(Condition, st.just("max_tokens"), present=st.just(True), bounds=_bounds((1, 2, 3))),
)
"""What can be asked."""


def _one_per_word(of: st.SearchStrategy[Condition]) -> st.SearchStrategy[tuple[Condition, ...]]:
    some = st.lists(of, max_size=2)
    return some.map(lambda found: tuple({one.word: one for one in found}.values()))


_ABOUT: Final[dict[str, st.SearchStrategy[Any]]] = {
    "roles": _mostly(frozenset[str](), _some(ROLES, 2)),
    "routes": _mostly(frozenset[str](), _some(ROUTES, 1)),
    "models": _mostly((), st.lists(st.sampled_from([*MODELS, "m*", "*"]), max_size=2).map(tuple)),
    "when": _mostly((), _one_per_word(CONDITIONS)),
    "shadow": st.sampled_from([False, False, False, True]),
    "until": st.sampled_from([None, 100, 101]),
}
_REASONS: Final = st.none() | st.sampled_from(["no", "never"])
DENY_RULES: Final = st.builds(
    Rule, id=st.sampled_from(IDS), allows=st.just(False), reason=_REASONS, **_ABOUT
)
ALLOW_RULES: Final = st.builds(
    Rule,
    id=st.sampled_from(IDS),
    allows=st.just(True),
    reason=_REASONS,
    scan=st.just(frozenset({"pii", "words"})) | _some(("pii", "secrets", "words", "injection")),
    limits=_some(tuple(LIMITS), 2),
    require=_mostly((), _one_per_word(CONDITIONS)),
    clamp=st.just(()) | _one_per_word(CLAMPS),
    **_ABOUT,
)
_RULES: Final = st.sampled_from([ALLOW_RULES] * 6 + [DENY_RULES]).flatmap(lambda kind: kind)
_ENTITY_RULES: Final = st.dictionaries(
    st.sampled_from(ENTITIES),
    st.builds(EntityRule, st.sampled_from(Action), st.sampled_from([0.3, 0.5, 0.9])),
    min_size=1,
    max_size=2,
).map(MappingProxyType)
OVERRIDES: Final = st.one_of(
    st.builds(
        Override,
        st.sampled_from(["o1", "o2", "o3"]),
        st.sampled_from(["pii", "secrets"]),
        entities=_ENTITY_RULES,
        **_ABOUT,
    ),
    st.builds(
        Override,
        st.sampled_from(["o1", "o2", "o3"]),
        st.sampled_from(["secrets", "words"]),
        action=st.sampled_from(Action),
        **_ABOUT,
    ),
    st.builds(
        Override,
        st.sampled_from(["o1", "o2", "o3"]),
        st.just("injection"),
        flag_at=st.sampled_from([None, 0.5, 0.7]),
        block_at=st.sampled_from([None, 0.8, 0.95]),
        **_ABOUT,
    ),
)
EXCEPTIONS: Final = st.builds(
    PolicyException,
    id=st.sampled_from(["x1", "x2", "x3"]),
    rule=st.sampled_from(IDS),
    scanner=st.sampled_from(["pii", "pii", "secrets", "words"]),
    entities=st.frozensets(st.sampled_from(ENTITIES), min_size=1, max_size=2),
    roles=st.just(frozenset({"a"})),
    claim=st.none(),
    any_of=st.just(frozenset[str]()),
    reason=st.just("because"),
    approved_by=st.just("ciso"),
    expires=st.sampled_from([100, 101]),
)
SCANNERS: Final = (
    ScannerSpec(
        "pii",
        "pii",
        frozenset({"user"}),
        MappingProxyType({"E1": EntityRule(Action.REDACT), "E2": EntityRule(Action.BLOCK, 0.8)}),
    ),
    ScannerSpec(
        "secrets",
        "secrets",
        frozenset({"user"}),
        MappingProxyType({"E1": EntityRule(Action.FLAG, 0.7)}),
        action=Action.REDACT,
    ),
    ScannerSpec(
        "words",
        "pattern",
        frozenset({"user"}),
        action=Action.REDACT,
        patterns=MappingProxyType({"E1": "one", "E2": "two"}),
    ),
    ScannerSpec("injection", "injection", frozenset({"user"})),
)


def policy_of(
    rules: Sequence[Rule],
    overrides: Sequence[Override] = (),
    exceptions: Sequence[PolicyException] = (),
) -> Policy:
    """A policy of these, with all the scanners and limits that they name."""
    return Policy(
        roles=MappingProxyType({name: Role() for name in ROLES}),
        limits=LIMITS,
        scanners=SCANNERS,
        rules=tuple(rules),
        overrides=tuple(overrides),
        exceptions=tuple(exceptions),
        routes=ROUTES,
    )


def each_with_its_id(
    of: st.SearchStrategy[Any], ids: tuple[str, ...], most: int
) -> st.SearchStrategy[list[Any]]:
    """At most so many, each with an id of its own, in any order."""
    pairs = st.tuples(st.lists(of, max_size=most), st.permutations(ids))
    return pairs.map(
        lambda pair: [replace(one, id=name) for one, name in zip(pair[0], pair[1], strict=False)]
    )


POLICIES: Final = st.builds(
    policy_of,
    each_with_its_id(_RULES, IDS, 5),
    each_with_its_id(OVERRIDES, ("o1", "o2", "o3"), 2),
    each_with_its_id(EXCEPTIONS, ("x1", "x2", "x3"), 2),
)

_ASKED: Final[dict[str, st.SearchStrategy[Value]]] = {
    "max_tokens": st.sampled_from([1, 2, 3, 4, True]),
    "temperature": st.sampled_from([0, 0.5, 0.7, 1, 2, float("nan"), "hot"]),
    "reasoning_effort": st.sampled_from(["none", "minimal", "low", "high", "odd"]),
    "tools": st.sampled_from(["t1", "t2", "u", "v", "t" * 300]),
    "system": st.sampled_from(["S", "SO", "SOS", "T", ""]),
    "stream": st.booleans(),
    "tool_choice": st.sampled_from(["auto", "none", "required"]),
    "images": st.integers(0, 2),
}
WORDS: Final = tuple(_ASKED)
_ONCE: Final = frozenset({"stream", "images"})
PARAMETERS: Final = st.builds(
    Parameters,
    st.fixed_dictionaries(
        {},
        optional={
            word: st.lists(values, max_size=1 if word in _ONCE else 2).map(tuple)
            for word, values in _ASKED.items()
        },
    ).map(MappingProxyType),
    _some(WORDS),
    _mostly(frozenset[str](), _some(WORDS, 1)),
    _mostly(frozenset[str](), _some(WORDS, 1)),
)
ASKS: Final = st.builds(
    Ask,
    roles=_some(ROLES),
    route=st.sampled_from(ROUTES),
    model=st.sampled_from(MODELS),
    parameters=st.one_of(st.none(), PARAMETERS, PARAMETERS, PARAMETERS),
    exceptions=_mostly(frozenset({"x1", "x2", "x3"}), _some(("x1", "x2", "unheard-of"))),
    day=_mostly(100, st.sampled_from([99, 101, 102, NEVER])),
)
"""One request."""
LIKE_ASKS: Final = st.builds(
    lambda ask, more: [ask, *(replace(ask, parameters=one) for one in more)],
    ASKS,
    st.lists(PARAMETERS, max_size=5),
)
"""Requests that differ in their parameters only: what is remembered of one may mislead another."""
