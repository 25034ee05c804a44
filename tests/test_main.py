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
