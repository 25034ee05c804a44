"""Harmless technical texts that every Python brings along: its library and its reference manual.

Code, comments and manuals are full of words that orders to a model are made of. These are under the
PSF licence; which Python they are of changes the model a little.
"""

from __future__ import annotations

import ast
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scripts.training.grammar import Draw
from scripts.training.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CODE", "MANUAL", "library"]

CODE: Final = "python_library"
MANUAL: Final = "python_manual"
_LEFT_OUT: Final = ("site-packages", "/test/", "/tests/", "idle_test", "lib2to3", "pydoc_data")
_SIZES: Final = (150, 300, 600, 1200)


def library(count: int, seed: int = 11) -> Iterator[Row]:
    """So many passages of the library, and as many of the manual."""
    draw = Draw(seed)
    root = Path(sysconfig.get_path("stdlib"))
    files = sorted(
        file for file in root.rglob("*.py") if not any(one in str(file) for one in _LEFT_OUT)
    )
    manual = list(_topics(root / "pydoc_data" / "topics.py"))
    for _ in range(count):
        file = draw.one(files)
        code = file.read_text(encoding="utf-8", errors="replace")
        yield from _passage(code, CODE, file.name, draw)
        if manual:
            yield from _passage(draw.one(manual), MANUAL, "topics", draw)


def _topics(file: Path) -> Iterator[str]:
    """The chapters of the reference manual, which ``help()`` shows."""
    if file.is_file():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def _passage(text: str, source: str, group: str, draw: Draw) -> Iterator[Row]:
    size = draw.one(_SIZES)
    start = draw.number(max(len(text) - size, 1))
    found = text[start : start + size]
    if found.strip():
        yield Row(found, attack=False, source=source, group=group, data=True)
