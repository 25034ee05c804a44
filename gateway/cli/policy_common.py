"""What the commands of ``gateway policy`` share: a policy from paths, and problems as JSON."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from rich.console import Console

from gateway.cli.common import print_json
from gateway.errors import ConfigurationError
from gateway.policy.days import parse_day, today
from gateway.settings import load_settings
from gateway.steps.activation import compile_policy
from gateway.steps.own_routes import models_of, own_routes
from gateway.wire.formats import Route

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.errors import Problem
    from gateway.policy.manifest import Manifest
    from gateway.policy.model import Policy
    from gateway.steps.activation import Active

__all__ = [
    "FILE",
    "Own",
    "console",
    "day_option",
    "load_or_exit",
    "models_or_none",
    "own_option",
    "paths_argument",
    "print_problems",
    "problem_json",
    "some",
    "summary",
    "title",
]

Own = tuple[Route, ...] | None
"""The routes that upstreams have of their own; None where the settings are not given."""

FILE: Final = click.Path(path_type=Path, dir_okay=False)
_WIDE: Final = 400
_SHOWN: Final = 5

paths_argument = click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
"""Adds ``PATHS…``, given to the command as ``paths: tuple[Path, ...]``."""


def _day(_ctx: click.Context, _param: click.Parameter, value: str | None) -> int:
    try:
        return today() if value is None else parse_day(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


day_option = click.option(
    "--day",
    callback=_day,
    metavar="DATE",
    help="The day on which it is asked, as 2027-01-31; today if not given.",
)
"""Adds ``--day``, given to the command as ``day: int``, days since 1970-01-01."""


def _own(_ctx: click.Context, _param: click.Parameter, value: Path | None) -> Own:
    return None if value is None else own_routes(load_settings(value))


own_option = click.option(
    "-c",
    "--config",
    "own",
    type=FILE,
    callback=_own,
    help="The settings file: routes that upstreams have of their own are known.",
)
"""Adds ``-c/--config``, given to the command as ``own: Own``."""


def load_or_exit(paths: Sequence[Path], own: Own = None, *, as_json: bool) -> Active:
    """The policy in files and folders; one that is wrong ends the command with exit code 1."""
    try:
        return compile_policy(paths, own=models_or_none(own))
    except ConfigurationError as error:
        print_problems(error, as_json=as_json)
        sys.exit(1)


def models_or_none(own: Own) -> Mapping[str, str] | None:
    """What a policy has to know of the routes of upstreams; None where nobody knows them."""
    return None if own is None else models_of(own)


def print_problems(error: ConfigurationError, *, as_json: bool) -> None:
    """Prints why a policy does not hold."""
    if as_json:
        problems = [problem_json(problem) for problem in error.problems]
        print_json({"valid": False, "problems": problems, "warnings": []})
        return
    for problem in error.problems:
        click.echo(f"{click.style('error', fg='red')} {problem}", err=True)


def problem_json(problem: Problem) -> dict[str, Any]:
    """A problem for programs."""
    return {
        "file": problem.place.file,
        "line": problem.place.line,
        "column": problem.place.column,
        "message": problem.message,
        "advice": problem.advice,
        "code": problem.code,
    }


def summary(policy: Policy) -> dict[str, Any]:
    """Which policy it is, for programs."""
    return {
        "name": policy.name,
        "revision": policy.revision,
        "digest": policy.digest,
        "files": list(policy.files),
    }


def title(policy: Policy | Manifest) -> str:
    """Which policy it is, for people."""
    return f"policy {policy.name!r}, revision {policy.revision}"


def some(names: Sequence[str]) -> str:
    """The first of several names, and how many more there are."""
    more = len(names) - _SHOWN
    return "; ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def console(*, stderr: bool = False) -> Console:
    """Fits a terminal; a file or a pipe gets whole lines."""
    found = Console(highlight=False, stderr=stderr)
    if found.is_terminal:
        return found
    return Console(width=_WIDE, highlight=False, stderr=stderr, soft_wrap=True)
