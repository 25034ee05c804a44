"""Policies from text, and their problems as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from gateway.errors import ConfigurationError
from gateway.policy.load import load_policy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.policy.known import Known
    from gateway.policy.model import Policy

NAMES = "abcdefgh"

# A shared machine may pause at any time; a limit per example says nothing about the policy.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "policies"
    made.mkdir()
    return made


@pytest.fixture
def load(folder: Path) -> Callable[..., Policy]:
    """Loads texts as a.yaml, b.yaml and so on; the first gets the version."""

    def loading(*texts: str, known: Known | None = None) -> Policy:
        for name, text in zip(NAMES, texts, strict=False):
            version = "version: 1\n" if name == "a" else ""
            (folder / f"{name}.yaml").write_text(version + text)
        return load_policy([folder], known)

    return loading


@pytest.fixture
def problems(folder: Path, load: Callable[..., Policy]) -> Callable[..., list[str]]:
    """The problems of texts, without the name of the folder."""

    def refused(*texts: str, known: Known | None = None) -> list[str]:
        with pytest.raises(ConfigurationError) as caught:
            load(*texts, known=known)
        return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]

    return refused
