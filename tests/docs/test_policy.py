"""The policy guide is true: its examples load and pass, and no key is missing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest
from pydantic import BaseModel

from gateway.errors import ConfigurationError
from gateway.policy.controls import CONTROLS
from gateway.policy.days import parse_day
from gateway.policy.fields import CHOICES, FORMATS
from gateway.policy.model import ROUTES
from gateway.policy.schema import PolicyFile
from gateway.scan.engine import known_entities
from gateway.steps.activation import activate
from gateway.terms import EFFORTS, PARAMETERS, PROVENANCES, SCANNER_KINDS, LimitScope

if TYPE_CHECKING:
    from collections.abc import Iterator

GUIDE = (Path(__file__).parents[2] / "docs" / "policy.md").read_text()
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
WRITTEN = "2026-06-01"
"""A day on which nothing in the examples has ended, or does soon."""


def keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if not field.exclude:
            yield field.alias or name
        for inner in models_in(field.annotation):
            yield from keys(inner)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from models_in(part)


def written(word: str, text: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(word)}(?![\w])", text) is not None


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("gateway.policy.compile.today", lambda: parse_day(WRITTEN))
    for number, example in enumerate(EXAMPLES):
        (tmp_path / f"{number:02}.yaml").write_text(example)
    return tmp_path


def test_the_examples_are_one_policy_whose_tests_pass(folder: Path) -> None:
    policy = activate([folder]).policy
    assert len(policy.files) == len(EXAMPLES) > 12
    assert policy.warnings == ()
    assert len(policy.tests) > 12


def test_a_wrong_example_would_be_seen(folder: Path) -> None:
    first = folder / "00.yaml"
    first.write_text(first.read_text().replace("revision", "revison"))
    with pytest.raises(ConfigurationError, match="did you mean 'revision'"):
        activate([folder])


@pytest.mark.parametrize("key", sorted(set(keys(PolicyFile))))
def test_every_key_stands_in_an_example(key: str) -> None:
    assert any(re.search(rf"(?<![\w-]){key}:", example) for example in EXAMPLES)


WORDS = {
    *ROUTES, *PROVENANCES, *SCANNER_KINDS, *CONTROLS, *known_entities()["pii"], *PARAMETERS,
    *EFFORTS, *CHOICES, *FORMATS, *get_args(LimitScope),
}  # fmt: skip


@pytest.mark.parametrize("word", sorted(WORDS))
def test_every_word_that_a_policy_may_use_is_named(word: str) -> None:
    assert written(word, GUIDE)
