"""``gateway serve``: runs the gateway."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click
import structlog
import uvicorn
from uvicorn.supervisors import Multiprocess

from gateway import heap
from gateway.app import CONFIG_VARIABLE, Gateway
from gateway.cli.check import check_everything, check_key_files
from gateway.cli.common import config_option
from gateway.logs import configure_logs
from gateway.server import bind, open_more_files, server_config, settle_memory
from gateway.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["serve"]

_log = structlog.get_logger("gateway")


@click.command()
@config_option
@click.option("--host", help="Address to listen on, in place of the settings'.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port, in place of the settings'.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, help="Processes to run.")
def serve(config: Path, host: str | None, port: int | None, workers: int) -> None:
    """Run the gateway until it is told to stop."""
    heap.spare()
    open_more_files()
    configure_logs()
    settings = load_settings(config)
    listen = settings.listen
    with bind(host or listen.host, listen.port if port is None else port) as sock:
        address = ":".join(str(part) for part in sock.getsockname()[:2])
        if workers == 1:
            check_key_files(settings)
            server = uvicorn.Server(server_config(Gateway(settings), settings))
            _log.info("listening", address=address, workers=1)
            settle_memory()
            server.run(sockets=[sock])
        else:
            check_everything(settings)
            if settings.state == "memory":
                advice = "every worker counts limits and used proofs for itself; share a state"
                _log.warning("state_per_worker", workers=workers, advice=advice)
            if settings.pseudonyms.key_file is None:
                advice = "each worker derives stand-ins of its own; name pseudonyms.key_file"
                _log.warning("pseudonyms_per_worker", workers=workers, advice=advice)
            os.environ[CONFIG_VARIABLE] = str(config.resolve())
            workers_config = server_config("gateway.app:create", settings, workers)
            _log.info("listening", address=address, workers=workers)
            Multiprocess(workers_config, sockets=[sock]).run()
