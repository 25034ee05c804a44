"""The schema of exceptions."""

from __future__ import annotations

import pytest

from gateway.document import read_text, validate
from gateway.errors import ConfigurationError
from gateway.policy.schema import PolicyFile

EXCEPTION = """\
exceptions:
  - id: e
    rule: r
    suppress: {scanner: s, entities: [X]}
    match: {roles: [a]}
    reason: it is needed
    approved_by: ciso
    expires: 2027-03-31
"""


def problem_of(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        validate(PolicyFile, read_text(text, "p.yaml"))
    (problem,) = caught.value.problems
    return str(problem)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("    expires: 2027-03-31\n", "", "p.yaml:2:5: the key 'expires' is missing; add it"),
        ("    reason: it is needed\n", "", "p.yaml:2:5: the key 'reason' is missing; add it"),
        ("    approved_by: ciso\n", "", "p.yaml:2:5: the key 'approved_by' is missing; add it"),
        ("2027-03-31", "never", "p.yaml:8:5: exceptions.0.expires: must be a date such as 2027"),
        ("[X]", "[]", "p.yaml:4:28: exceptions.0.suppress.entities: must not be empty"),
        (", entities: [X]", "", "p.yaml:4:5: the key 'entities' is missing; add it"),
        ("{roles: [a]}", "{}", "p.yaml:5:5: exceptions.0.match: name roles, or claim and any_of"),
        ("[a]", "[]", "p.yaml:5:13: exceptions.0.match.roles: must not be empty"),
        (
            "{roles: [a]}",
            "{roles: [a], claim: t}",
            "p.yaml:5:5: exceptions.0.match: claim and any_of go together",
        ),
        (
            "{roles: [a]}",
            "{roles: [a], any_of: [x]}",
            "p.yaml:5:5: exceptions.0.match: claim and any_of go together",
        ),
        (
            "{roles: [a]}",
            "{roles: [a], routes: [messages]}",
            "p.yaml:5:25: unknown key 'routes'; did you mean 'roles'?",
        ),
        (
            "{scanner: s",
            "{models: [m], scanner: s",
            "p.yaml:4:16: unknown key 'models'; known are entities, scanner",
        ),
    ],
)
def test_an_exception_that_is_not_whole_is_named_at_its_place(
    old: str, new: str, problem: str
) -> None:
    assert problem_of(EXCEPTION.replace(old, new)).startswith(problem)


def test_an_exception_that_is_whole_is_read() -> None:
    (exception,) = validate(PolicyFile, read_text(EXCEPTION, "p.yaml")).exceptions
    assert (exception.suppress.entities, exception.match.roles) == (("X",), ("a",))
    assert (exception.expires, exception.match.claim) == (20908, None)
