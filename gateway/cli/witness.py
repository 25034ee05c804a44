"""``gateway witness``: the second process that remembers how far logs had come."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import structlog
import uvicorn

from gateway.audit.keys import load_verifiers
from gateway.cli.common import Commands, json_option, print_json
from gateway.errors import ConfigurationError, Place, Problem
from gateway.key_files import prepare_folder, refuse_existing
from gateway.logs import configure_logs
from gateway.server import bind
from gateway.witness.application import witness_app
from gateway.witness.keys import create_witness_keys, load_cosigner
from gateway.witness.settings import load_witness_settings, log_keys
from gateway.witness.store import WitnessStore, create_store
from gateway.witness.witness import Witness

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["witness"]

_log = structlog.get_logger("gateway.witness")
_FILES: Final = ("witness.yaml", "witness.key", "witness.vkey", "witness.db")
_SETTINGS: Final = """\
listen: {{host: 127.0.0.1, port: 8090}}
key: witness.key
store: witness.db
logs: [{logs}]
"""
_FILE: Final = click.Path(path_type=Path, dir_okay=False)

_config_option = click.option(
    "-c", "--config", type=_FILE, default=Path("witness.yaml"), help="The witness's settings."
)


@click.group(cls=Commands)
def witness() -> None:
    """A witness: cosigns checkpoints of logs that have only grown."""


@witness.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--log", "logs", type=_FILE, multiple=True, required=True, help="A log's log.vkey.")
@click.option("--name", help="The witness's name in its cosignatures; random if not given.")
@json_option
def init(folder: Path, logs: tuple[Path, ...], name: str | None, *, as_json: bool) -> None:
    """Writes settings, a fresh key pair and an empty store into DIR; never overwrites anything."""
    written = _create(folder, logs, name or f"witness-{os.urandom(4).hex()}")
    if as_json:
        print_json({"written": [str(path) for path in written]})
        return
    for path in written:
        click.echo(path)
    click.echo(f"\nNext: gateway witness serve -c {folder / 'witness.yaml'}", err=True)


def _create(folder: Path, logs: Sequence[Path], name: str) -> list[Path]:
    settings, private, public, store = files = [folder / file for file in _FILES]
    keys = {folder / f"{found[0].name}.vkey": found for found in map(load_verifiers, logs)}
    for path in keys:
        if path.parent != folder or path in files:
            message = "a log of this name cannot be a file's"
            raise ConfigurationError(Problem(Place(path.name), message, "rename the log's key"))
    refuse_existing(*files, *keys)
    prepare_folder(folder)
    try:
        create_witness_keys(private, public, name)
    except ValueError as error:
        raise ConfigurationError(Problem(Place("--name"), str(error))) from None
    for path, found in keys.items():
        path.write_text("".join(f"{key}\n" for key in found))
    create_store(store)
    settings.write_text(_SETTINGS.format(logs=", ".join(f'"{path.name}"' for path in keys)))
    return [*files, *keys]


@witness.command()
@_config_option
@click.option("--host", help="Address to listen on, in place of the settings'.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port, in place of the settings'.")
def serve(config: Path, host: str | None, port: int | None) -> None:
    """Runs the witness until it is told to stop."""
    configure_logs()
    settings = load_witness_settings(config)
    signer, logs = load_cosigner(settings.key), log_keys(settings)
    store = WitnessStore(settings.store)
    app = witness_app(Witness(store, signer, logs), store)
    listen = settings.listen
    with bind(host or listen.host, listen.port if port is None else port) as sock:
        address = ":".join(str(part) for part in sock.getsockname()[:2])
        _log.info("listening", address=address, logs=[log.name for log in logs])
        uvicorn.Server(_server(app)).run(sockets=[sock])
    store.close()


def _server(app: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=256,
        timeout_graceful_shutdown=5,
    )


@witness.command()
@_config_option
@json_option
def show(config: Path, *, as_json: bool) -> None:
    """Prints the newest checkpoint that was cosigned for each origin."""
    store = WitnessStore(load_witness_settings(config).store)
    for one in store.all():
        if as_json:
            root = base64.b64encode(one.root).decode()
            print_json(
                {"origin": one.origin, "size": one.size, "root": root, "time": one.time,
                 "note": one.note}
            )  # fmt: skip
        else:
            click.echo(f"{one.origin}  {one.size}")
    store.close()
