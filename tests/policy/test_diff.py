"""What a new policy would decide differently, and for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.errors import AuditUnavailable
from gateway.policy.days import parse_day
from gateway.policy.diff import diff
from gateway.policy.load import load_policy
from gateway.policy.side import Side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from gateway.policy.change import Change, Diff
    from gateway.terms import Action, Provenance

BASE = """\
version: 1
roles:
  analyst: {}
  developer: {inherits: [analyst]}
  contractor: {match: {claim: kind, any_of: [contractor]}}
  auditor: {control: [audit.read]}
models: {small: [m-small], large: ["m-large*"]}
limits: {human: {requests: 60/min}}
scanners:
  words: {kind: pattern, on: [user], action: redact, patterns: {RED: red, BLUE: blue}}
  orders: {kind: injection, on: [user], flag_at: 0.5, block_at: 0.9}
rules:
  - id: small
    allow: {roles: [analyst], routes: [messages, chat.completions], models: [small]}
    require: {max_tokens: {lte: 100}}
    clamp: {temperature: {lte: 1.0}}
    limits: human
    scan: [words, orders]
  - id: large
    allow: {roles: [developer], routes: [messages], models: [large]}
    scan: [words]
  - id: contractors
    deny: {roles: [contractor], models: [large]}
    reason: not for you
  - id: no-shell
    deny: {when: {tools: {any: [shell]}}}
  - id: shadowed
    mode: shadow
    override: {scanner: orders, block_at: 0.8}
exceptions:
  - id: legal
    rule: small
    suppress: {scanner: words, entities: [RED]}
    match: {roles: [analyst], claim: team, any_of: [legal]}
    reason: r
    approved_by: a
    expires: 2027-03-31
tests:
  - name: red
    given: {role: analyst, route: messages, model: m-small, prompt: red}
    expect: {decision: redact}
  - name: plain
    given: {role: analyst, route: messages, model: m-small, prompt: plain}
    expect: {decision: allow}
"""
DAY = parse_day("2027-01-01")


class Hit:
    """A word that a pattern found."""

    def __init__(self, scanner: str, entity: str, action: Action) -> None:
        self.scanner, self.entity, self.action = scanner, entity, action


def side(folder: Path, name: str, text: str) -> Side:
    """A policy whose pattern scanners look for their words; other kinds find nothing."""
    (folder / f"{name}.yaml").write_text(text)
    policy = load_policy([folder / f"{name}.yaml"])
    specs = {spec.name: spec for spec in policy.scanners}

    def scan(text: str, provenance: Provenance, scanners: tuple[str, ...]) -> Iterable[Hit]:
        for spec in (specs[name] for name in scanners):
            for entity, pattern in spec.patterns.items():
                if pattern in text and provenance in spec.on:
                    yield Hit(spec.shown, entity, spec.action)

    return Side(policy, scan)


@pytest.fixture
def compare(tmp_path: Path) -> Callable[..., Diff]:
    def comparing(*edits: tuple[str, str], base: str = BASE, day: int = DAY) -> Diff:
        text = base
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        return diff(side(tmp_path, "old", base), side(tmp_path, "new", text), day)

    return comparing


def kinds(found: Diff) -> list[str]:
    return [change.kind for change in found.changes]


def all_of(found: Diff, kind: str) -> list[Change]:
    return [change for change in found.changes if change.kind == kind]


def only(found: Diff, kind: str) -> Change:
    (change,) = all_of(found, kind)
    return change


def test_a_policy_does_not_differ_from_itself(compare: Callable[..., Diff]) -> None:
    found = compare()
    assert found.changes == ()
    assert found.asked > 100
    assert found.complete


def test_other_words_for_the_same_are_no_change(compare: Callable[..., Diff]) -> None:
    found = compare(("id: large", "id: big"), ("models: [small]", "models: [m-small]"))
    assert found.changes == ()


def test_what_is_newly_allowed_comes_first(compare: Callable[..., Diff]) -> None:
    found = compare(
        ("roles: [developer], routes: [messages]", "roles: [developer], routes: [embeddings]")
    )
    assert kinds(found)[:2] == ["allowed", "denied"]
    allowed, denied = found.changes[0], found.changes[1]
    assert allowed.before == "no rule allows this route to these roles"
    assert allowed.after == "allowed by rule large"
    assert (allowed.routes, denied.routes) == (("embeddings",), ("messages",))
    assert "role developer" in allowed.callers
    assert allowed.models == ("m-largeany",)


def test_a_removed_deny_shows_in_callers_of_two_roles(compare: Callable[..., Diff]) -> None:
    found = compare(("deny: {roles: [contractor], models: [large]}", "deny: {models: [none]}"))
    change = only(found, "allowed")
    assert change.callers == ("roles contractor and developer",)
    assert change.before == "denied by rule contractors"


def test_a_removed_condition_shows_in_requests_that_meet_it(compare: Callable[..., Diff]) -> None:
    found = compare(("  - id: no-shell\n    deny: {when: {tools: {any: [shell]}}}\n", ""))
    change = only(found, "allowed")
    assert change.after == "allowed by rule small (and 1 more like it)"
    assert change.example.parameters == "tools=shell"
    assert change.before == "denied by rule no-shell (one of tools shell)"


def test_a_wider_bound_shows_in_requests_beyond_the_old_one(compare: Callable[..., Diff]) -> None:
    found = compare(("lte: 100", "lte: 200"))
    change = only(found, "allowed")
    assert change.example.parameters == "max_tokens=101"
    written = only(found, "changes")
    assert (written.before, written.after) == ("max_tokens=100", "max_tokens=200")
    assert written.example.parameters == "max_tokens=not given"


def test_a_clamp_shows_as_a_change_to_requests(compare: Callable[..., Diff]) -> None:
    changes = all_of(compare(("lte: 1.0", "lte: 0.5")), "changes")
    told = {(one.example.parameters, one.before, one.after) for one in changes}
    assert told == {
        ("temperature=1.0", "none", "temperature=0.5"),
        ("temperature=1.1", "temperature=1.0", "temperature=0.5"),
    }


def test_control_is_granted_and_revoked(compare: Callable[..., Diff]) -> None:
    found = compare(("[audit.read]", "[audit.read, audit.stream]"))
    assert found.changes[0].kind == "granted"
    assert found.changes[0].before == "audit.read"
    assert found.changes[0].after == "audit.read, audit.stream"
    found = compare(("{control: [audit.read]}", "{control: [metrics.read]}"))
    assert kinds(found) == ["granted"]
    found = compare(("{control: [audit.read]}", "{}"))
    assert [(one.kind, one.after) for one in found.changes] == [("revoked", "nothing")]


def test_another_claim_gives_the_role_to_others(compare: Callable[..., Diff]) -> None:
    base = BASE.replace("analyst: {}", "analyst: {match: {claim: group, any_of: [a]}}")
    found = compare(("claim: group", "claim: groups"), base=base)
    allowed = {caller for change in all_of(found, "allowed") for caller in change.callers}
    denied = {caller for change in all_of(found, "denied") for caller in change.callers}
    assert "groups=a" in allowed - denied
    assert "group=a" in denied - allowed


def test_texts_of_tests_are_read_where_scanners_differ(compare: Callable[..., Diff]) -> None:
    found = compare(("action: redact", "action: block"))
    change = only(found, "stricter")
    assert (change.before, change.after) == ("redact (words RED)", "block (words RED)")
    assert change.example.test == "red"
    assert only(found, "scanners").after == "words.action=block"

    weaker = compare(("{RED: red, ", "{"), ("entities: [RED]", "entities: [BLUE]"))
    assert kinds(weaker)[0] == "weaker"
    assert only(weaker, "weaker").after == "allow"


def test_another_finding_of_the_same_action_is_told(compare: Callable[..., Diff]) -> None:
    found = compare(("{RED: red, BLUE: blue}", "{CRIMSON: red, RED: rot}"))
    assert only(found, "findings").after == "redact (words CRIMSON)"


def test_limits_and_terms_are_told(compare: Callable[..., Diff]) -> None:
    found = compare(("60/min", "10/min"), ("models: {", "defaults: {capture: none}\nmodels: {"))
    assert only(found, "limits").before == "human: 60 in 60 s requests per subject"
    assert only(found, "limits").after == "human: 10 in 60 s requests per subject"
    assert only(found, "terms").after == "capture=none"


def test_another_reason_for_the_client_is_told(compare: Callable[..., Diff]) -> None:
    change = only(compare(("not for you", "ask the ciso")), "terms")
    assert change.before == "the client reads 'not for you'"


def test_what_is_measured_only_is_told_last(compare: Callable[..., Diff]) -> None:
    found = compare(("block_at: 0.8", "block_at: 0.7"))
    assert kinds(found) == ["shadow"]
    assert found.changes[0].after == "shadowed would read with orders.block_at=0.7"


def test_an_exception_is_told_for_those_whom_it_is_for(compare: Callable[..., Diff]) -> None:
    found = compare(("any_of: [legal]", "any_of: [sales]"))
    assert set(only(found, "weaker").callers) >= {"role analyst with team=sales"}
    assert set(only(found, "stricter").callers) >= {"role analyst with team=legal"}


def test_an_exception_that_has_ended_by_the_day_changes_nothing(
    compare: Callable[..., Diff],
) -> None:
    later = parse_day("2027-04-01")
    found = compare(("any_of: [legal]", "any_of: [sales]"), day=later)
    assert found.changes == ()


def test_a_tests_own_request_is_asked_on_its_own_day(compare: Callable[..., Diff]) -> None:
    base = (
        BASE
        + """\
  - name: legal
    given:
      role: analyst
      claims: {team: legal}
      route: messages
      model: m-small
      prompt: red
      day: 2027-03-31
    expect: {decision: allow}
"""
    )
    later = parse_day("2027-04-01")
    found = compare(("any_of: [legal]", "any_of: [sales]"), base=base, day=later)
    change = only(found, "stricter")
    assert change.callers == ("role analyst with the claims of the test 'legal'",)
    assert (change.example.test, change.before) == ("legal", "allow")


def test_equal_changes_are_told_once_with_their_number(compare: Callable[..., Diff]) -> None:
    deny = "  - id: none\n    deny: {roles: [analyst]}\n"
    found = compare(("  - id: contractors\n", f"{deny}  - id: contractors\n"))
    change = only(found, "denied")
    assert change.before == "allowed by rule small (and 1 more like it)"
    assert change.after == "denied by rule none"
    assert change.count > 10
    assert set(change.routes) == {"messages", "chat.completions"}
    assert all("analyst" in one or "developer" in one or "test" in one for one in change.callers)


def test_a_scanner_that_fails_acts_as_the_policy_says(tmp_path: Path) -> None:
    def unable(_text: str, _provenance: Provenance, _scanners: tuple[str, ...]) -> Iterable[Hit]:
        raise AuditUnavailable("out of order")

    old = side(tmp_path, "old", BASE)
    new = side(tmp_path, "new", BASE.replace("action: redact", "action: block"))
    found = diff(old, Side(new.policy, unable), DAY)
    assert {change.after for change in found.changes if change.kind == "stricter"} == {
        "block (a scanner failed)"
    }


def test_many_callers_and_models_take_seconds_and_not_minutes(tmp_path: Path) -> None:
    rules = "".join(
        f"  - {{id: a{n}, allow: {{roles: [r{n % 20}], models: [m{n}, 'g{n % 9}-*']}}, "
        f"require: {{n: {{lte: {n}}}}}, scan: []}}\n"
        for n in range(1, 60)
    )
    rules += "".join(
        f"  - {{id: d{n}, deny: {{roles: [r{n}], models: ['*-p{n}*']}}}}\n" for n in range(9)
    )
    roles = ", ".join(f"r{n}: {{}}" for n in range(20))
    text = f"version: 1\nroles: {{{roles}}}\nrules:\n{rules}"
    old, new = (
        side(tmp_path, "old", text),
        side(tmp_path, "new", text.replace("lte: 50", "lte: 51")),
    )
    found = diff(old, new, DAY)
    assert kinds(found) == ["allowed"]
    assert found.asked > 100_000
