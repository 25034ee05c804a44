"""Every target over its corpus, and for a moment over what a fuzzer makes of it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_GROUPS = 6
RUNS = {False: 2_000, True: 200}
"""Of a parser, and of a format, which is read, rewritten and read again."""
ATHERIS = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None,
    reason="atheris is only there for Linux and Python before 3.14",
)


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )


def names() -> list[str]:
    listed = python("-m", "tests.fuzz", "--list")
    assert listed.returncode == 0, listed.stderr
    return listed.stdout.split()


NAMES = names()


def test_all_targets_hold_over_their_corpus() -> None:
    done = python("-m", "tests.fuzz", "--replay")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line[3:] for line in done.stdout.splitlines() if line.startswith("== ")] == NAMES


def groups() -> list[tuple[str, ...]]:
    """Targets that share a process, of which half the time is importing what is watched."""
    formats = [name for name in NAMES if "-" in name]
    parsers = tuple(name for name in NAMES if "-" not in name)
    return [parsers, *(tuple(formats[start::_GROUPS]) for start in range(_GROUPS))]


@ATHERIS
@pytest.mark.parametrize("targets", groups(), ids=lambda targets: targets[0])
def test_targets_hold_over_what_a_fuzzer_makes_of_them(
    targets: tuple[str, ...], tmp_path: Path
) -> None:
    runs = str(RUNS["-" in targets[0]])
    bounds = ("--runs", runs, "--seed", "1", "--corpus", str(tmp_path))
    done = python("-m", "tests.fuzz", *targets, *bounds)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in targets:
        assert list((tmp_path / name).iterdir()), f"{name}: nothing new was found: it was blind"


BROKEN = """
import pathlib, sys
sys.path.insert(0, "tests/support")
from tests.fuzz import running
def broken(data):
    if len(data) > 20:
        raise ZeroDivisionError
if sys.argv[1] == "replay":
    from tests.fuzz import parsers
    parsers.embedded = broken
    running.replay("embedded")
running.watched()["embedded"] = broken
sys.exit(running.fuzz("embedded", pathlib.Path(sys.argv[1]), running.Bounds(0, 1000, 1)))
"""


@ATHERIS
def test_fuzzer_tells_of_a_target_that_breaks_and_keeps_what_broke_it(tmp_path: Path) -> None:
    done = python("-c", BROKEN, str(tmp_path))
    assert done.returncode != 0
    assert "ZeroDivisionError" in done.stderr + done.stdout
    (kept,) = tmp_path.glob("embedded/broken-*")
    assert len(kept.read_bytes()) > 20


def test_replay_tells_of_a_target_that_breaks() -> None:
    done = python("-c", BROKEN, "replay")
    assert done.returncode != 0
    assert "ZeroDivisionError" in done.stderr
