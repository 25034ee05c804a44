"""What a new policy would have made of the requests of the past."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from gateway.policy.past import Content, Past
from gateway.policy.probes import PLAIN
from gateway.policy.replay import DEPENDS, STRANGE, Replay, Replayed
from gateway.policy.side import Side
from gateway.terms import Action, Parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gateway.policy.model import Policy
    from gateway.terms import Provenance

OPEN = """\
roles: {x: {}}
scanners: {words: {kind: pattern, on: [user], action: redact, patterns: {A: a}}}
"""
SIMPLE = f"""
{OPEN}
rules:
  - {{id: r, allow: {{roles: [x], models: [m]}}, scan: [words]}}
  - {{id: d, deny: {{models: [bad]}}, reason: no}}
"""
CONDITIONAL = f"""
{OPEN}
rules:
  - id: r
    allow: {{roles: [x], models: [m]}}
    require: {{n: {{lte: 1}}}}
    clamp: {{temperature: {{lte: 0.5}}}}
    scan: [words]
  - {{id: no-tools, deny: {{when: {{tools: present}}}}}}
"""


@dataclass(frozen=True)
class Word:
    scanner: str
    entity: str
    action: Action


def scan(text: str, _provenance: Provenance, scanners: tuple[str, ...]) -> Iterable[Word]:
    found = {"red": Action.REDACT, "stop": Action.BLOCK}
    for name in scanners:
        if text in found:
            yield Word(name, text.upper(), found[text])


@pytest.fixture
def replayed(load: Callable[..., Policy]) -> Callable[..., Replayed]:
    def replaying(text: str, *pasts: Past) -> Replayed:
        replay = Replay(Side(load(text), scan), 0)
        for past in pasts:
            replay.ask(past)
        return replay.result()

    return replaying


def past(
    verdict: str = "allow", model: str = "m", *, roles: tuple[str, ...] = ("x",), rule: str = "r"
) -> Past:
    return Past("ada", roles, "messages", model, verdict, (rule,) if rule else ())


def opened(before: Past, *texts: str, n: int = 1, changes: dict[str, float] | None = None) -> Past:
    values = {**PLAIN.parameters.values, "n": (n,)}
    parameters = Parameters(values, PLAIN.parameters.stated)
    content = Content(parameters, tuple(("user", text) for text in texts), {}, None, changes or {})
    return replace(before, content=content)


def words(found: Replayed) -> list[tuple[str, str, str]]:
    return [(one.kind, one.before, one.after) for one in found.changes]


def test_what_ends_as_it_did_is_the_same(replayed: Callable[..., Replayed]) -> None:
    found = replayed(SIMPLE, past(), past("deny", "other", rule=""), past("deny", "bad", rule="d"))
    assert (found.asked, found.same, found.changes, found.left_out) == (3, 3, (), {})


def test_what_opens_comes_first_with_whom_it_is_about(replayed: Callable[..., Replayed]) -> None:
    denied = past("deny", rule="")
    found = replayed(SIMPLE, past("allow", "other"), denied, replace(denied, subject="bob"))
    assert words(found) == [
        ("allowed", "no rule allowed it", "allowed by rule r"),
        (
            "denied",
            "allowed by rule r",
            "no rule allows this model to these roles on this route",
        ),
    ]
    assert found.changes[0].callers == ("ada (x)", "bob (x)")
    assert found.changes[0].count == 2
    assert (found.asked, found.same) == (3, 0)


def test_a_block_without_its_text_is_as_good_as_allowed(
    replayed: Callable[..., Replayed],
) -> None:
    assert replayed(SIMPLE, past("block"), past("redact")).same == 2


def test_texts_are_read_where_they_are_known(replayed: Callable[..., Replayed]) -> None:
    found = replayed(
        SIMPLE,
        opened(past("redact"), "red", "plain"),
        opened(past("block"), "red"),
        opened(past("allow"), "stop"),
        opened(past("redact"), "plain"),
    )
    assert words(found) == [
        ("weaker", "block", "redact (words RED)"),
        ("weaker", "redact", "allow"),
        ("stricter", "allow", "block (words STOP)"),
    ]
    assert found.same == 1


def test_texts_at_unknown_places_are_refused_where_the_policy_says_so(
    replayed: Callable[..., Replayed],
) -> None:
    strange = opened(past())
    assert strange.content is not None
    strange = replace(strange, content=replace(strange.content, texts=(("unknown", "key"),)))
    assert replayed(SIMPLE, strange).same == 1
    found = replayed("defaults: {unknown_fields: refuse}\n" + SIMPLE, strange, opened(past(), "hi"))
    assert words(found) == [("denied", "allowed by rule r", STRANGE)]
    assert found.same == 1


def test_parameters_count_where_they_are_known(replayed: Callable[..., Replayed]) -> None:
    found = replayed(CONDITIONAL, opened(past(), n=2), opened(past(), n=1))
    assert words(found) == [
        (
            "denied",
            "allowed by rule r",
            "no rule allows these parameters: rule r asks for n <= 1",
        )
    ]


def test_other_changes_to_a_request_are_told(replayed: Callable[..., Replayed]) -> None:
    hot = opened(past(), changes={"temperature": 1.0})
    assert words(replayed(CONDITIONAL, hot)) == [("changes", "temperature=1.0", "none")]
    assert words(replayed(SIMPLE, opened(past()))) == []


def test_what_depends_on_sealed_parameters_is_left_out_and_counted(
    replayed: Callable[..., Replayed],
) -> None:
    found = replayed(CONDITIONAL, past(), past("deny", rule="no-tools"))
    assert (found.asked, found.left_out) == (0, {DEPENDS: 2})


def test_what_may_open_is_told_though_it_depends(replayed: Callable[..., Replayed]) -> None:
    found = replayed(CONDITIONAL, past("deny", rule=""), past("deny", rule="gone"))
    assert [one[0] for one in words(found)] == ["allowed", "allowed"]
    assert found.changes[0].after.startswith("allowed by rule r, if it asks for no more than")


@pytest.mark.parametrize(
    "rules",
    [
        "[{id: r, allow: {roles: [x], models: [m]}, require: {n: 1}, scan: []}]",
        "[{id: r, allow: {roles: [x], models: [m], when: {n: 1}}, scan: []}]",
        (
            "[{id: r, allow: {roles: [x], models: [m]}, scan: []}, "
            "{id: d, deny: {when: {tools: present}}}]"
        ),
    ],
)
def test_a_decision_that_depends_on_parameters_is_known_for_one(
    replayed: Callable[..., Replayed], rules: str
) -> None:
    assert replayed(f"roles: {{x: {{}}}}\nrules: {rules}", past()).left_out == {DEPENDS: 1}


@pytest.mark.parametrize(
    "rules",
    [
        (
            "[{id: r, allow: {roles: [x], models: [m]}, scan: []}, "
            "{id: s, allow: {roles: [x], models: [m]}, require: {n: 1}, scan: []}]"
        ),
        (
            "[{id: r, allow: {roles: [x], models: [m]}, scan: []}, "
            "{id: d, mode: shadow, deny: {when: {tools: present}}}]"
        ),
    ],
)
def test_a_decision_that_no_parameters_can_change_is_asked(
    replayed: Callable[..., Replayed], rules: str
) -> None:
    assert replayed(f"roles: {{x: {{}}}}\nrules: {rules}", past()).same == 1


def test_a_deny_without_conditions_decides_whatever_else_there_is(
    replayed: Callable[..., Replayed],
) -> None:
    rules = "[{id: d, deny: {models: [m]}}, {id: e, deny: {when: {tools: present}}}]"
    found = replayed(f"roles: {{x: {{}}}}\nrules: {rules}", past("deny", rule="d"))
    assert (found.asked, found.same) == (1, 1)


def test_others_count_what_they_leave_out(load: Callable[..., Policy]) -> None:
    replay = Replay(Side(load(SIMPLE), scan), 0)
    for why in ("a", "b", "b"):
        replay.leave_out(why)
    assert replay.result().left_out == {"b": 2, "a": 1}
