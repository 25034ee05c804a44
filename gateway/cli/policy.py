"""``gateway policy``: is a policy right, does it do what its tests say, and what would it do?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import Commands, json_option, print_json
from gateway.cli.policy_common import load_or_exit, paths_argument, problem_json, summary, title
from gateway.steps.activation import run_tests

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gateway.policy.model import Policy
    from gateway.policy.suite import CaseResult

__all__ = ["policy"]


@click.group(
    cls=Commands,
    modules={
        "keygen": "gateway.cli.policy_bundle:keygen",
        "sign": "gateway.cli.policy_bundle:sign",
        "verify": "gateway.cli.policy_bundle:verify",
    },
)
def policy() -> None:
    """Check, test, explain, compare and sign policy files."""


@policy.command()
@paths_argument
@json_option
def check(paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Check schema, references and habits of the policy in PATHS.

    Files and folders (their *.yaml) are one policy. Warnings leave the exit code 0.
    """
    found = load_or_exit(paths, as_json=as_json).policy
    if as_json:
        warnings = [problem_json(warning) for warning in found.warnings]
        print_json({"valid": True, "problems": [], "warnings": warnings, **summary(found)})
        return
    for warning in found.warnings:
        click.echo(f"{click.style('warning', fg='yellow')} {warning}", err=True)
    click.echo(f"{click.style('ok', fg='green')} {title(found)}: {_counted(found)}")


@policy.command()
@paths_argument
@json_option
def test(paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Run the tests embedded in the policy in PATHS."""
    active = load_or_exit(paths, as_json=as_json)
    results = run_tests(active)
    failed = sum(not result.passed for result in results)
    if as_json:
        print_json({"passed": len(results) - failed, "failed": failed, "tests": _results(results)})
    else:
        _print_results(results, failed)
    sys.exit(1 if failed else 0)


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


def _counted(found: Policy) -> str:
    counts = {
        "role": len(found.roles),
        "rule": len(found.rules),
        "scanner": len(found.scanners),
        "test": len(found.tests),
    }
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for word, count in counts.items())
