"""``python -m gateway`` is the ``gateway`` command."""

from __future__ import annotations

import subprocess
import sys

from gateway import __version__


def test_it_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"gateway, version {__version__}\n"


def test_a_gateway_serves_without_what_only_draws_in_a_terminal_and_the_command_line_has_it() -> (
    None
):
    script = (
        "import sys, gateway.cli.serve;"
        "assert not {'rich', 'pygments'} & sys.modules.keys();"
        "import rich.table, gateway.cli.audit"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
