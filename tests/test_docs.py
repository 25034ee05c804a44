"""The reference of the settings and the guide for operators are true."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from prometheus_client import Counter
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from gateway.cli import main
from gateway.settings import Settings, load_settings
from gateway.starter import create_home
from gateway.steps.metrics import Metrics
from gateway.units import parse_duration, parse_size

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
REFERENCE = (ROOT / "docs" / "settings.md").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
ROWS = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \| .+ \|$", REFERENCE, re.MULTILINE)
ENVIRONMENT = {
    "OPENAI_API_KEY": "sk-1",
    "ANTHROPIC_API_KEY": "sk-2",
    "AZURE_OPENAI_API_KEY": "3",
    "GEMINI_API_KEY": "4",
}


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from models_in(part)


def leaves(model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        inner = list(models_in(field.annotation))
        for one in inner:
            yield from leaves(one)
        if not inner or model is not Settings:
            yield name, field.default


FIELDS = list(leaves(Settings))


def shown(default: str) -> Any:
    """The default that a row of the reference names."""
    text = default.strip("`")
    for parse in (parse_duration, parse_size):
        try:
            return parse(text)
        except ValueError:
            continue
    return {"required": PydanticUndefined, "none": None, "[]": (), "{}": {}, "false": False}.get(
        text, text
    )


def test_the_reference_has_exactly_the_keys_that_there_are() -> None:
    assert sorted(name for name, _, _ in ROWS) == sorted(name for name, _ in FIELDS)


@pytest.mark.parametrize(("name", "default"), FIELDS, ids=[name for name, _ in FIELDS])
def test_every_key_stands_with_its_default(name: str, default: Any) -> None:
    rows = [shown(cell) for key, _, cell in ROWS if key == name]
    if isinstance(default, BaseModel):
        assert rows == ["see below"]
    else:
        assert default in rows


@pytest.mark.parametrize(
    "text", re.findall(r"^```yaml\n(.*?)^```$", REFERENCE, re.DOTALL | re.MULTILINE)
)
def test_the_examples_load(tmp_path: Path, text: str) -> None:
    (tmp_path / "gateway.yaml").write_text(text)
    settings = load_settings(tmp_path / "gateway.yaml", ENVIRONMENT)
    assert settings.upstream_for("gpt-5") == "openai"
    assert settings.limits == type(settings.limits)(), "the example shows defaults"


def metric_names() -> Iterator[str]:
    for value in vars(Metrics()).values():
        if hasattr(value, "describe"):
            (family,) = value.describe()
            yield f"{family.name}_total" if isinstance(value, Counter) else family.name


def test_every_metric_is_in_the_guide_and_no_other() -> None:
    named = set(re.findall(r"^\| `(gateway_\w+)`", OPERATIONS, re.MULTILINE))
    assert named == set(metric_names())


def test_every_page_that_a_page_points_to_is_there() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} points to {target}"


def test_the_commands_that_replace_keys_are_there(tmp_path: Path) -> None:
    create_home(tmp_path / "home")
    blocks = re.findall(r"^```\n(.*?)^```$", OPERATIONS, re.MULTILINE | re.DOTALL)
    (block,) = [one for one in blocks if "rotate" in one]
    places = {"gateway.yaml": str(tmp_path / "home/gateway.yaml"), "DIR": str(tmp_path / "more")}
    for line in block.splitlines():
        command, _, files = line.partition("#")
        arguments = [places.get(one, one) for one in command.split()[1:]]
        assert CliRunner().invoke(main, arguments).exit_code == 0, line
        for name in re.findall(r"keys/[\w.-]+", files):
            assert (tmp_path / "home" / name).is_file()
