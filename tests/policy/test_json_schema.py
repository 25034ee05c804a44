"""JSON Schema for editors says what the loader says, as far as one file goes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel
from schema_check import errors_in

from gateway.document import read_text, validate
from gateway.errors import ConfigurationError
from gateway.policy.json_schema import json_schema
from gateway.policy.schema import PolicyFile
from gateway.terms import EFFORTS, PARAMETERS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SCHEMA = json_schema()
SHIPPED = sorted(
    [*ROOT.glob("policies/**/*.yaml"), *ROOT.glob("gateway/starter/policies/**/*.yaml")]
)
EXAMPLES = re.findall(
    r"^```yaml\n(.*?)^```$", (ROOT / "docs" / "policy.md").read_text(), re.DOTALL | re.MULTILINE
)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models_in(field.annotation)
    for part in getattr(annotation, "__args__", ()):
        yield from models_in(part)


def definition(name: str) -> Any:
    found = SCHEMA["$defs"][name]
    objects = [one for one in found.get("anyOf", [found]) if one.get("type") == "object"]
    return objects[0]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_the_shipped_policies_are_valid(path: Path) -> None:
    assert errors_in(read_text(path.read_text(), path.name).value, SCHEMA) == []


@pytest.mark.parametrize("text", EXAMPLES)
def test_the_examples_of_the_guide_are_valid(text: str) -> None:
    assert errors_in(read_text(text, "p.yaml").value, SCHEMA) == []


@pytest.mark.parametrize(
    "text",
    [
        "versoin: 1",
        "version: 2",
        "roles: {a: {inherit: [b]}}",
        "roles: {a: 1}",
        "models: {a: []}",
        "defaults: {on_scanner_error: blok}",
        "defaults: {capture: }",
        "limits: {a: {requests: 60}}",
        "limits: {a: {concurrent: 0}}",
        "scanners: {s: {kind: pi, on: [user]}}",
        "scanners: {s: {kind: pii, on: [usr]}}",
        "scanners: {s: {kind: pii, on: [user], entities: {A: blok}}}",
        "scanners: {s: {kind: pii, on: [user], entities: {A: {min_score: 0.5}}}}",
        "rules: [{allow: {roles: [a]}}]",
        "rules: [{id: a, allow: {roles: [a]}, limits: []}]",
        "rules: [{id: a, allow: {roles: [a]}, require: }]",
        "rules: [{id: a, allow: {roles: [a]}, require: {max_token: 1}}]",
        "rules: [{id: a, allow: {roles: [a]}, require: {tools: prsent}}]",
        "rules: [{id: a, allow: {roles: [a]}, require: {temperature: {lte: 3}}}]",
        "rules: [{id: a, allow: {roles: [a]}, require: {reasoning_effort: {lte: hi}}}]",
        "rules: [{id: a, allow: {roles: [a]}, require: {messages: present}}]",
        "rules: [{id: a, allow: {roles: [a]}, clamp: {n: 1}}]",
        "rules: [{id: a, allow: {roles: [a]}, clamp: {messages: {lte: 1}}}]",
        "rules: [{id: a, allow: {roles: [a]}, mode: shadw}]",
        "exceptions: [{id: a, rule: r}]",
        "tests: [{name: a, given: {route: x}, expect: {decision: deny}}]",
        "tests: [{name: a, given: {route: x, model: m}, expect: {decision: denied}}]",
        (
            "tests: [{name: a, given: {route: x, model: m, parameters: {n: no}}, "
            "expect: {decision: deny}}]"
        ),
    ],
)
def test_what_the_loader_refuses_in_one_file_an_editor_shows(text: str) -> None:
    document = read_text(text, "p.yaml")
    with pytest.raises(ConfigurationError):
        validate(PolicyFile, document)
    assert errors_in(document.value, SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        "roles: {a: , b: {}}",
        "limits: {a: {requests: 60/min, tokens: 1M/day, concurrent: 4, per: tenant, reserve: 1k}}",
        "rules: [{id: a, allow: {roles: [a], when: {stream: false}}, limits: human}]",
        "rules: [{id: a, allow: {roles: [a]}, limits: [human, all]}]",
        "rules: [{id: a, allow: {roles: [a]}, require: {tools: present, n: 1, images: 1k}}]",
        "rules: [{id: a, deny: {when: {tools: {count: 3, any: [x]}, tool_choice: named}}}]",
        "rules: [{id: a, mode: shadow, until: 2027-01-31, override: {scanner: s, block_at: 1}}]",
        (
            "tests: [{name: a, given: {role: a, route: x, model: m, parameters: {tools: [], "
            "max_tokens: absent, stream: true}}, expect: {decision: deny, shadow: []}}]"
        ),
    ],
)
def test_short_forms_are_shown_to_be_right(text: str) -> None:
    document = read_text(text, "p.yaml")
    validate(PolicyFile, document)
    assert errors_in(document.value, SCHEMA) == []


def test_every_key_that_is_read_is_in_it_and_no_key_that_is_refused() -> None:
    for model in models_in(PolicyFile):
        shown = SCHEMA if model is PolicyFile else definition(model.__name__)
        fields = model.model_fields.items()
        assert set(shown["properties"]) == {
            field.alias or name for name, field in fields if not field.exclude
        }


def test_every_section_says_what_it_is() -> None:
    assert all(one.get("description") for one in SCHEMA["$defs"].values())


def test_every_key_says_what_it_means() -> None:
    # The words of parameters are explained once, where conditions are.
    silent = {"ParametersModel", "ChangesModel"}
    for model in models_in(PolicyFile):
        if model.__name__ not in silent:
            shown = SCHEMA if model is PolicyFile else definition(model.__name__)
            for key, found in shown["properties"].items():
                assert found.get("description") or found.get("$ref"), f"{model.__name__}.{key}"


def test_what_is_read_specially_has_a_schema_that_helps() -> None:
    assert definition("ConditionsModel")["properties"].keys() == set(PARAMETERS)
    effort = SCHEMA["$defs"]["EffortRange"]["anyOf"]
    assert {"enum": [*EFFORTS], "type": "string"} in [
        {key: it for key, it in one.items() if key != "title"} for one in effort
    ]
    exception = definition("ExceptionModel")["properties"]["expires"]
    assert (exception["type"], exception["format"]) == ("string", "date")
    rate = definition("LimitModel")["properties"]["requests"]
    assert rate["type"] == "string"
    assert "60/min" in rate["examples"]


def test_nothing_in_it_allows_null_or_anything_at_all() -> None:
    def walk(node: Any, at: str) -> Iterator[str]:
        if isinstance(node, dict):
            # A role may have no settings, and a claim is any JSON.
            if node == {} or node.get("type") == "null":
                yield at
            for key, inner in node.items():
                yield from walk(inner, f"{at}/{key}")
        elif isinstance(node, list):
            for index, inner in enumerate(node):
                yield from walk(inner, f"{at}/{index}")

    assert list(walk(SCHEMA, "")) == []
