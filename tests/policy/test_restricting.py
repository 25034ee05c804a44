from __future__ import annotations

from gateway.policy.restricting import readers_of
from gateway.policy.rule_schema import RuleModel


def test_a_rule_that_says_nothing_of_answers_needs_no_reader() -> None:
    rule = RuleModel.model_validate({"id": "r", "deny": {"roles": ["a"]}})
    assert readers_of(rule) == ()


def test_each_reads_the_part_of_the_answer_that_it_is_about() -> None:
    rule = RuleModel.model_validate({
        "id": "r",
        "restrict": {},
        "answer_tools": {"allow": ["a"], "deny": ["b"]},
        "answer_links": {"hosts": ["c"]},
        "answer_copies": {"tools": ["d"], "chars": 9},
    })  # fmt: skip
    calls, links, copies = readers_of(rule)
    assert (calls.name, calls.of, list(calls.on)) == ("r~calls", "r", ["call"])
    assert (calls.allow, calls.deny) == (("a",), ("b",))
    assert (list(links.on), links.allow) == (["answer"], ("c",))
    assert (list(copies.on), copies.allow, copies.chars) == (["argument"], ("d",), 9)
