"""The command line: one file per group of verbs."""

from __future__ import annotations

import click

from gateway import __version__
from gateway.cli.common import Commands

__all__ = ["main"]


@click.group(
    cls=Commands,
    modules={
        "audit": "gateway.cli.audit:audit",
        "check": "gateway.cli.check:check",
        "evaluate": "gateway.cli.evaluate:evaluate_command",
        "init": "gateway.cli.init:init",
        "keys": "gateway.cli.keys:keys",
        "policy": "gateway.cli.policy:policy",
        "scan": "gateway.cli.scan:scan",
        "serve": "gateway.cli.serve:serve",
        "token": "gateway.cli.token:token",
        "witness": "gateway.cli.witness:witness",
    },
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="gateway")
def main() -> None:
    """A security gateway in front of any LLM endpoint."""
