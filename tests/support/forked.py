"""``gateway serve`` as a process of its own that has nothing to load any more.

Loading the gateway takes a second and a half of a processor, which tests that start dozens of them
spend on nothing that they test. A server that has loaded it once forks each: a process with its own
files, sockets, threads and end, which signals reach as they reach any other.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from multiprocessing.context import ForkServerProcess
    from pathlib import Path

__all__ = ["Forked", "fork_gateway"]

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload([__name__, "gateway.cli.serve"])


class Forked:
    """A running process; what tests ask of a ``subprocess.Popen``."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process

    def poll(self) -> int | None:
        """How it ended: minus a signal's number, or its exit code; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        """Waits for its end.

        Raises:
            subprocess.TimeoutExpired: It does not come.
        """
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired("gateway", timeout)
        return code

    def send_signal(self, number: int) -> None:
        """Sends it a signal, if it is still there."""
        if self.poll() is None and self._process.pid is not None:
            os.kill(self._process.pid, number)

    def terminate(self) -> None:
        """Asks it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it."""
        self.send_signal(signal.SIGKILL)


def fork_gateway(
    arguments: Sequence[str], cwd: Path, log: Path, environment: Mapping[str, str]
) -> Forked:
    """Starts the command ``gateway`` in a folder; what it writes to stderr goes to a file."""
    process = _forks.Process(target=_run, args=(arguments, cwd, log, dict(environment)))
    process.start()
    return Forked(process)


def _run(arguments: Sequence[str], cwd: Path, log: Path, environment: Mapping[str, str]) -> None:
    from gateway.cli import main  # noqa: PLC0415 - for the process that is forked

    os.environ.clear()
    os.environ.update(environment)
    os.chdir(cwd)
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    main(args=list(arguments), prog_name="gateway")
