"""The house is kept: a test file for each module, short files, and no paths of one machine."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "gateway").rglob("*.py"))
SOURCES = [*MODULES, *sorted((ROOT / "tests").rglob("*.py"))]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "CHANGELOG.md"]
# Words of a machine on which somebody worked; taken apart, so that this file does not name them.
FOREIGN = re.compile(r"(?<![\w}])/(?:wo" r"rk|tm" r"p/v|ho" r"me|Us" r"ers)/")


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


def homes_of(module: Path) -> set[Path]:
    """Where a module's tests may stand; a package's own are named after the package."""
    inner = module.relative_to(ROOT / "gateway")
    folder = ROOT / "tests" / inner.parent
    if module.name == "__init__.py":
        return {folder / f"test_{module.parent.name}.py", folder / "test_init.py",
                folder.parent / f"test_{module.parent.name}.py"}  # fmt: skip
    plain = f"test_{module.stem.strip('_')}.py"
    return {folder / f"test_{module.stem}.py", folder / plain}


def has_code(module: Path) -> bool:
    body = ast.parse(module.read_text()).body
    return any(not isinstance(one, ast.Expr) for one in body)


@pytest.mark.parametrize("module", [one for one in MODULES if has_code(one)], ids=name_of)
def test_each_module_has_its_test_file(module: Path) -> None:
    if module == ROOT / "gateway" / "__init__.py":
        return  # a version, which the command line's test asks for
    found = [file for file in homes_of(module) if file.is_file()]
    assert found or list((ROOT / "tests" / module.relative_to(ROOT / "gateway").parent).glob(
        f"test_{module.stem}_*.py"
    )), f"no tests for {name_of(module)}"  # fmt: skip


@pytest.mark.parametrize("file", SOURCES, ids=name_of)
def test_no_file_is_longer_than_400_lines(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= 400


@pytest.mark.parametrize("file", [*SOURCES, *PAGES], ids=name_of)
def test_nothing_names_paths_of_one_machine(file: Path) -> None:
    if file.exists():
        assert FOREIGN.findall(file.read_text()) == []


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_every_exported_name_is_there(module: Path) -> None:
    if module.name == "__main__.py":
        return
    parts = module.relative_to(ROOT).with_suffix("").parts
    loaded = importlib.import_module(".".join(parts).removesuffix(".__init__"))
    names = getattr(loaded, "__all__", [])
    assert len(set(names)) == len(names)
    for name in names:
        assert hasattr(loaded, name), name
