"""``gateway policy``: is a policy right, does it do what its tests say, and what would it do?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click
import orjson
from rich.text import Text

from gateway.cli.common import Commands, json_option, print_json
from gateway.cli.policy_common import (
    console,
    load_or_exit,
    own_option,
    paths_argument,
    problem_json,
    summary,
    title,
)
from gateway.policy.json_schema import json_schema
from gateway.steps.activation import run_tests

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gateway.cli.policy_common import Own
    from gateway.policy.model import Policy
    from gateway.policy.suite import CaseResult

__all__ = ["policy"]


@click.group(
    cls=Commands,
    modules={
        "diff": "gateway.cli.policy_diff:diff",
        "explain": "gateway.cli.policy_explain:explain",
        "replay": "gateway.cli.policy_replay:replay",
        "keygen": "gateway.cli.policy_bundle:keygen",
        "sign": "gateway.cli.policy_bundle:sign",
        "verify": "gateway.cli.policy_bundle:verify",
    },
)
def policy() -> None:
    """Check, test, explain, compare and sign policy files."""


@policy.command()
@paths_argument
@own_option
@click.option("--strict", is_flag=True, help="Exit with 1 on warnings too.")
@json_option
def check(paths: tuple[Path, ...], *, own: Own, strict: bool, as_json: bool) -> None:
    """Check schema, references and habits of the policy in PATHS.

    Files and folders (their *.yaml) are one policy. Without --strict, warnings leave the exit code
    0.
    """
    found = load_or_exit(paths, own, as_json=as_json).policy
    failed = strict and bool(found.warnings)
    if as_json:
        warnings = [problem_json(warning) for warning in found.warnings]
        print_json({"valid": True, "problems": [], "warnings": warnings, **summary(found)})
    else:
        _print_check(found, failed=failed)
    sys.exit(1 if failed else 0)


def _print_check(found: Policy, *, failed: bool) -> None:
    errors = console(stderr=True)
    for warning in found.warnings:
        errors.print(Text.assemble(("warning", "yellow"), f" {warning} [{warning.code}]"))
    word = ("FAIL", "red") if failed else ("ok", "green")
    console().print(Text.assemble(word, f" {title(found)}: {_counted(found)}"))


@policy.command()
@paths_argument
@own_option
@json_option
def test(paths: tuple[Path, ...], *, own: Own, as_json: bool) -> None:
    """Run the tests embedded in the policy in PATHS."""
    active = load_or_exit(paths, own, as_json=as_json)
    results = run_tests(active)
    failed = sum(not result.passed for result in results)
    if as_json:
        print_json({"passed": len(results) - failed, "failed": failed, "tests": _results(results)})
    else:
        _print_results(results, failed)
    sys.exit(1 if failed else 0)


@policy.command()
def schema() -> None:
    """Print the JSON Schema of policy files, for editors that check while one types."""
    sys.stdout.buffer.write(orjson.dumps(json_schema(), option=orjson.OPT_INDENT_2) + b"\n")


def _print_results(results: Sequence[CaseResult], failed: int) -> None:
    out = console()
    for result in results:
        mark = ("ok  ", "green") if result.passed else ("FAIL", "bold red")
        out.print(Text.assemble(mark, f" {result.name}"))
        if not result.passed:
            out.print(Text(f"     {result.place}: {result.why}"))
    style = "bold red" if failed else "bold green"
    out.print(Text(f"{len(results) - failed} of {len(results)} tests passed", style=style))


def _results(results: Sequence[CaseResult]) -> list[dict[str, Any]]:
    return [
        {
            "name": result.name,
            "passed": result.passed,
            "why": result.why,
            "file": result.place.file,
            "line": result.place.line,
            "column": result.place.column,
        }
        for result in results
    ]


def _counted(found: Policy) -> str:
    counts = {
        "role": len(found.roles),
        "rule": len(found.rules) + len(found.overrides),
        "scanner": len(found.base_scanners),
        "test": len(found.tests),
    }
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for word, count in counts.items())
