"""Files put together: what may stand once, stands once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.document import read_text, validate
from gateway.errors import Place, Problem
from gateway.policy.merged import check_all_known, check_known, in_file_order, merge
from gateway.policy.schema import PolicyFile
from gateway.policy.sources import Source

if TYPE_CHECKING:
    from collections.abc import Callable


RULE = "rules: [{id: x, allow: {models: [m]}}]"
EXCEPTION = (
    "{id: x, rule: r, suppress: {scanner: s, entities: [E]}, match: {roles: [a]}, reason: r, "
    "approved_by: a, expires: 2027-01-01}"
)


def sources(*texts: str) -> list[Source]:
    documents = [read_text(text, f"{name}.yaml") for name, text in zip("abc", texts, strict=False)]
    return [Source(document, validate(PolicyFile, document)) for document in documents]


@pytest.mark.parametrize(
    ("section", "what"),
    [
        ("roles: {x: {}}", "role 'x'"),
        ("models: {x: [m]}", "set of models 'x'"),
        ("scanners: {x: {kind: secrets, on: [user], action: flag}}", "scanner 'x'"),
        ("limits: {x: {concurrent: 1}}", "limit 'x'"),
        ("rules: [{id: x, allow: {models: [m]}}]", "rule 'x'"),
        ("rules: [{id: x, deny: {models: [m]}}]", "rule 'x'"),
        ("rules: [{id: x, override: {scanner: s, block_at: 1}}]", "rule 'x'"),
        (f"exceptions: [{EXCEPTION}]", "exception 'x'"),
    ],
)
def test_a_name_stands_once_in_all_files(section: str, what: str) -> None:
    _, problems = merge(sources(f"version: 1\n{section}", section))
    (found,) = problems
    assert str(found).startswith("b.yaml:1:")
    assert f" {what} stands already at a.yaml:2:" in str(found)


@pytest.mark.parametrize(
    ("first", "second", "what"),
    [
        (RULE, f"exceptions: [{EXCEPTION}]", "a rule"),
        (f"exceptions: [{EXCEPTION}]", RULE, "an exception"),
        (RULE, "rules: [{id: x, override: {scanner: s, block_at: 1}}]", "a rule"),
        (RULE, "rules: [{id: x, deny: {models: [m]}}]", "a rule"),
    ],
)
def test_rules_of_every_kind_and_exceptions_have_their_ids_together(
    first: str, second: str, what: str
) -> None:
    _, (found,) = merge(sources(f"version: 1\n{first}", second))
    assert f"{what} 'x' stands already at a.yaml:2:" in str(found)


def test_a_name_stands_once_in_one_file_too(problems: Callable[..., list[str]]) -> None:
    rule = "  - {id: x, allow: {models: [m]}}\n"
    assert problems("rules:\n" + rule + rule)[0].startswith("a.yaml:4:5: a rule 'x' stands already")


def test_names_of_different_things_do_not_meet() -> None:
    merged, problems = merge(sources("version: 1\nroles: {x: {}}", "models: {x: [m]}"))
    assert not problems
    assert list(merged.roles) == list(merged.models) == ["x"]


@pytest.mark.parametrize("section", ["version: 1", "metadata: {name: a}", "defaults: {}"])
def test_what_holds_for_all_files_stands_in_one(section: str) -> None:
    first = section if section.startswith("version") else f"version: 1\n{section}"
    _, problems = merge(sources(first, section))
    assert "stands already at a.yaml" in str(problems[0])
    assert problems[0].place == Place("b.yaml", 1, 1)


def test_one_file_must_say_the_version() -> None:
    _, problems = merge(sources("roles: {}", "models: {}"))
    assert [str(problem) for problem in problems] == [
        "a.yaml: no file has a version; add 'version: 1' to one file of the policy"
    ]


def test_everything_knows_its_place() -> None:
    merged, _ = merge(sources("version: 1\nrules:\n  - id: r\n    allow: {models: [m]}"))
    at = merged.at["rules", "r"]
    assert at.place() == Place("a.yaml", 3, 5)
    assert at.place("allow", "models", 0) == Place("a.yaml", 4, 22)
    assert merged.at["version", ""].place() == Place("a.yaml", 1, 1)


def test_problems_sort_by_file_line_and_column() -> None:
    places = [Place("b", 1, 1), Place("a", 10, 1), Place("a", 9, 2), Place("a", 9, 1)]
    ordered = sorted((Problem(place, "") for place in places), key=in_file_order)
    assert [problem.place for problem in ordered] == places[::-1]


def test_an_unknown_name_is_a_problem_at_its_place_with_what_was_meant() -> None:
    merged, _ = merge(sources("version: 1\nrules:\n  - id: r\n    allow: {models: [m, n]}"))
    at = merged.at["rules", "r"]
    assert list(check_known(at.place(), "role", "analyst", ["analyst"])) == []
    found = [*check_all_known(at, ("allow", "models"), "model", ["one", "tow"], ["one", "two"])]
    assert [str(problem) for problem in found] == [
        "a.yaml:4:25: there is no model 'tow'; did you mean 'two'?"
    ]
