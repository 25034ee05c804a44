"""Files in, one policy out."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.document import read_text
from gateway.errors import ConfigurationError
from gateway.policy.decide import decide
from gateway.policy.decision import Ask
from gateway.policy.load import load_policy
from gateway.policy.model import ClaimMatch, Defaults, Role
from gateway.policy.rule import Rule
from gateway.terms import Action, EntityRule, ScannerSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.errors import Problem
    from gateway.policy.model import Policy

FULL = """\
metadata: {name: prod, revision: 42, owner: secops@example.com}
defaults: {decision: deny, mode: enforce, on_scanner_error: flag, capture: none}
roles:
  analyst: {match: {claim: groups, any_of: [ai-analysts, ai]}}
  lead: {inherits: [analyst], control: [audit.read]}
models: {small: [demo-small, "mini-*"]}
scanners:
  injection: {kind: injection, on: [user, tool], flag_at: 0.4, block_at: 0.8}
  pii: {kind: pii, on: [answer], entities: {US_SSN: {action: block, min_score: 0.7}}}
  secrets: {kind: secrets, on: [user], action: redact}
  words: {kind: pattern, on: [user], action: flag, patterns: {BIRD: 'blue ?bird'}}
rules:
  - id: chat
    allow: {roles: [analyst], routes: [messages], models: [small, other]}
    scan: [words, injection]
  - id: stop
    deny: {roles: [lead]}
    reason: leads do not chat
tests:
  - name: all texts
    given: {role: lead, route: messages, model: m, prompt: p, system: s, tool: t, document: d,
            answer: a}
    expect: {decision: deny, rule: stop}
  - name: claims
    given: {claims: {groups: [ai]}, route: messages, model: other}
    expect: {decision: allow}
"""


MORE = """\
limits:
  human: {requests: 60/min, tokens: 200k/hour, concurrent: 4, per: role, reserve: 1k}
  all: {concurrent: 100, per: everyone}
rules:
  - id: chat-with-bounds
    allow: {roles: [analyst], models: [m], when: {stream: false, prompt_chars: {lte: 1k}}}
    require:
      max_tokens: {present: true, lte: 4k}
      temperature: {in: [0, 0.5]}
      top_p: 1
      tools: {names: ["calendar.*"], any: [x], count: {lte: 3}}
      tool_choice: auto
      reasoning_effort: {lte: medium}
      system: {prefix: You are}
    clamp: {temperature: {lte: 1.0}, tools: {names: [x]}, system: {pinned: Be brief.}}
    limits: [human, all]
    scan: [pii, secrets]
  - id: no-tools
    mode: shadow
    until: 2027-01-31
    deny: {when: {tools: present}}
  - id: stricter
    override: {scanner: injection, block_at: 0.7, roles: [lead], when: {images: {gte: 1}}}
exceptions:
  - id: legal
    rule: chat-with-bounds
    suppress: {scanner: pii, entities: [US_SSN]}
    match: {roles: [analyst], claim: team, any_of: [legal]}
    reason: contracts
    approved_by: ciso
    expires: 2027-03-31
tests:
  - name: parameters
    given:
      roles: [analyst]
      claims: {team: legal}
      day: 2027-04-01
      route: messages
      model: m
      parameters: {max_tokens: absent, temperature: 2, tools: [x], stream: true, n: 1}
    expect:
      {decision: allow, changes: {temperature: 1}, limits: [human], exceptions: [], shadow: []}
"""


def test_everything_a_file_says_is_in_the_policy(load: Callable[..., Policy], folder: Path) -> None:
    policy = load(FULL)
    assert (policy.name, policy.revision, policy.owner) == ("prod", 42, "secops@example.com")
    assert policy.files == (str(folder / "a.yaml"),)
    assert policy.defaults == Defaults(Action.FLAG, "none")
    assert policy.roles == {
        "analyst": Role(ClaimMatch("groups", frozenset({"ai-analysts", "ai"}))),
        "lead": Role(None, ("analyst",), frozenset({"audit.read"})),
    }
    assert policy.models == {"small": ("demo-small", "mini-*")}
    assert policy.rules == (
        Rule(
            "chat",
            allows=True,
            roles=frozenset({"analyst"}),
            routes=frozenset({"messages"}),
            models=("demo-small", "mini-*", "other"),
            scan=frozenset({"words", "injection"}),
        ),
        Rule("stop", allows=False, roles=frozenset({"lead"}), reason="leads do not chat"),
    )


def test_scanners_become_their_shared_settings(load: Callable[..., Policy]) -> None:
    assert load(FULL).scanners == (
        ScannerSpec(
            "injection", "injection", frozenset({"user", "tool"}), flag_at=0.4, block_at=0.8
        ),
        ScannerSpec(
            "pii", "pii", frozenset({"answer"}), entities={"US_SSN": EntityRule(Action.BLOCK, 0.7)}
        ),
        ScannerSpec("secrets", "secrets", frozenset({"user"}), action=Action.REDACT),
        ScannerSpec(
            "words",
            "pattern",
            frozenset({"user"}),
            action=Action.FLAG,
            patterns={"BIRD": "blue ?bird"},
        ),
    )


def test_tests_keep_their_texts_with_their_provenance(load: Callable[..., Policy]) -> None:
    first, second = load(FULL).tests
    assert dict(first.texts) == {
        "user": "p", "system": "s", "tool": "t", "document": "d", "answer": "a",
    }  # fmt: skip
    assert (first.roles, first.claims, first.expect.rule) == (("lead",), None, "stop")
    assert (second.roles, second.claims, second.texts) == (None, {"groups": ["ai"]}, ())
    assert second.place.line == 25


def test_nothing_of_a_loaded_policy_can_be_changed(load: Callable[..., Policy]) -> None:
    policy = load(FULL)
    for mapping in (policy.roles, policy.models, policy.scanners[1].entities):
        with pytest.raises(TypeError):
            mapping["x"] = None  # type: ignore[index]


def test_a_policy_needs_no_more_than_a_version(load: Callable[..., Policy]) -> None:
    policy = load("")
    assert (policy.name, policy.revision, policy.rules) == ("unnamed", 0, ())
    assert policy.defaults == Defaults(Action.BLOCK, "sealed")
    assert not decide(policy, Ask(frozenset({"admin"}), "messages", "m")).allowed


def test_single_files_are_a_policy_too(load: Callable[..., Policy], folder: Path) -> None:
    load(FULL, "")
    assert load_policy([folder / "a.yaml"]).files == (str(folder / "a.yaml"),)
    with pytest.raises(ConfigurationError, match="no file has a version"):
        load_policy([folder / "b.yaml"])


PARTS = [
    "version: 1\nroles: {a: {}, b: {inherits: [a]}}\n",
    "models: {m: [m1, 'm2*']}\nscanners: {s: {kind: secrets, on: [user], action: flag}}\n",
    "rules: [{id: r1, allow: {roles: [a], models: [m]}, scan: [s]}]\n",
    "rules: [{id: r2, allow: {models: [other]}, scan: []}]\n",
    "rules: [{id: r3, deny: {models: [m2-bad]}, reason: bad}]\n",
]


@settings(max_examples=30)
@given(
    st.permutations(range(len(PARTS))),
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from(["m1", "m2-x", "m2-bad", "other", "none"]),
)
def test_in_which_file_and_order_things_stand_means_nothing(
    order: list[int], role: str, model: str
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, part in zip(order, PARTS, strict=True):
            (folder / f"{number}.yaml").write_text(part)
        paths = [folder / f"{number}.yaml" for number in order]
        roles = frozenset({role, "a"} if role == "b" else {role})
        decisions = {
            decide(load_policy(given), Ask(roles, "messages", model))
            for given in ([folder], paths, paths[::-1])
        }
    (decision,) = decisions
    assert decision.allowed == (
        model == "other" or (role in {"a", "b"} and model in {"m1", "m2-x"})
    )


def test_the_two_halves_of_the_attack_below_are_a_policy(load: Callable[..., Policy]) -> None:
    assert len(load(FULL, MORE).rules) == 4


def problems_of(path: Path) -> tuple[Problem, ...]:
    try:
        load_policy([path])
    except ConfigurationError as error:
        return error.problems
    return ()


JUNK: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2**70),
    st.floats(allow_nan=False),
    st.sampled_from(["", "small", "tokenise", "\x00", "é" * 300, "[", "a b", "present", "absent"]),
    st.sampled_from(
        ["60/min", "0/s", "1k", "9" * 30, "2027-01-31", "2027-02-30", "high", "shadow"]
    ),
    st.just([]),
    st.just({}),
    st.lists(st.just("x"), min_size=1, max_size=2),
    st.dictionaries(st.sampled_from(["x", "kind", "[key]", ""]), st.none(), min_size=1),
    st.dictionaries(
        st.sampled_from(["lte", "gte", "eq", "in", "present", "names", "count", "pinned"]),
        st.sampled_from([1, 0.5, "low", True, [], ["x"], {"lte": 1}, -1, 10**30, "1k"]),
        min_size=1,
    ),
)


@settings(max_examples=300)
@given(JUNK, st.data())
def test_attack_any_value_in_any_place_is_a_policy_or_a_problem_with_its_place(
    junk: Any, data: st.DataObject
) -> None:
    first = read_text("version: 1\n" + FULL, "a.yaml").value
    second = read_text(MORE, "b.yaml").value
    node: Any = data.draw(st.sampled_from([first, second, second]))
    while True:
        key = data.draw(
            st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node)))
        )
        inner = node[key]
        if not inner or not isinstance(inner, (dict, list)) or data.draw(st.booleans()):
            break
        node = inner
    node[key] = junk
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in (("a.yaml", first), ("b.yaml", second)):
            (folder / file).write_text(json.dumps(content, ensure_ascii=False))
        problems = problems_of(folder)
    assert all(Path(problem.place.file).parent == folder for problem in problems)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 50_000,
        "- " * 100_000,
        "? " * 1000,
        "a: &a [*a]",
        "!!python/name:os x",
    ],
)
def test_attack_yaml_that_breaks_readers_is_a_problem(folder: Path, text: str) -> None:
    (folder / "p.yaml").write_text(text)
    with pytest.raises(ConfigurationError):
        load_policy([folder])
