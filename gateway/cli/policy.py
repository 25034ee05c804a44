"""``gateway policy``: is a policy right, and does it do what its tests say?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import json_option, print_json
from gateway.errors import ConfigurationError, Problem
from gateway.steps.activation import compile_policy, run_tests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.policy.model import Policy
    from gateway.policy.suite import CaseResult
    from gateway.steps.activation import Active

__all__ = ["policy"]

_paths_argument = click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)


@click.group()
def policy() -> None:
    """Check and test policy files."""


@policy.command()
@_paths_argument
@json_option
def check(paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Check schema, references and habits of the policy in PATHS.

    Files and folders (their *.yaml) are one policy. Warnings leave the exit code 0.
    """
    found = _compiled(paths, as_json=as_json).policy
    if as_json:
        warnings = [_problem(warning) for warning in found.warnings]
        print_json({"valid": True, "problems": [], "warnings": warnings, **_summary(found)})
        return
    for warning in found.warnings:
        click.echo(f"{click.style('warning', fg='yellow')} {warning}", err=True)
    click.echo(f"{click.style('ok', fg='green')} {_title(found)}: {_counted(found)}")


@policy.command()
@_paths_argument
@json_option
def test(paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Run the tests embedded in the policy in PATHS."""
    active = _compiled(paths, as_json=as_json)
    results = run_tests(active)
    failed = sum(not result.passed for result in results)
    if as_json:
        print_json({"passed": len(results) - failed, "failed": failed, "tests": _results(results)})
    else:
        _print_results(results, failed)
    sys.exit(1 if failed else 0)


def _compiled(paths: Sequence[Path], *, as_json: bool) -> Active:
    try:
        return compile_policy(paths)
    except ConfigurationError as error:
        if as_json:
            problems = [_problem(problem) for problem in error.problems]
            print_json({"valid": False, "problems": problems, "warnings": []})
        else:
            for problem in error.problems:
                click.echo(f"{click.style('error', fg='red')} {problem}", err=True)
        sys.exit(1)


def _print_results(results: Sequence[CaseResult], failed: int) -> None:
    for result in results:
        mark = click.style("ok  ", fg="green") if result.passed else click.style("FAIL", fg="red")
        click.echo(f"{mark} {result.name}")
        if not result.passed:
            click.echo(f"     {result.place}: {result.why}")
    click.echo(f"{len(results) - failed} of {len(results)} tests passed")


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


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.place.file,
        "line": problem.place.line,
        "column": problem.place.column,
        "message": problem.message,
        "advice": problem.advice,
    }


def _summary(found: Policy) -> dict[str, Any]:
    return {
        "name": found.name,
        "revision": found.revision,
        "digest": found.digest,
        "files": list(found.files),
    }


def _title(found: Policy) -> str:
    return f"policy {found.name!r}, revision {found.revision}"


def _counted(found: Policy) -> str:
    counts = {
        "role": len(found.roles),
        "rule": len(found.rules),
        "scanner": len(found.scanners),
        "test": len(found.tests),
    }
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for word, count in counts.items())
