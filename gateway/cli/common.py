"""What every command shares: where the settings are, JSON output, and how errors end."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click
import orjson

from gateway.errors import ConfigurationError, GatewayError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Commands", "config_option", "json_option", "print_json"]

_DEFAULT_CONFIGS: Final = ("gateway.yaml", ".gateway/gateway.yaml")


class Commands(click.Group):
    """A group whose commands are imported when they are called, and whose errors are sentences.

    Exit codes: 0 done and fine; 1 the thing checked does not hold; 2 the call or the settings are
    wrong.
    """

    def __init__(self, *args: Any, modules: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._modules = dict(modules or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command's name."""
        return sorted({*super().list_commands(ctx), *self._modules})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported now."""
        if cmd_name in self._modules:
            module, _, attribute = self._modules[cmd_name].partition(":")
            command: click.Command = getattr(import_module(module), attribute)
            return command
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; an error of ours becomes sentences on stderr and its exit code."""
        try:
            return super().invoke(ctx)
        except ConfigurationError as error:
            _fail(str(error), 2)
        except VerificationError as error:
            _fail(str(error), 1)
        except GatewayError as error:
            _fail(str(error), 2)


def _fail(message: str, code: int) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(code)


def _find_config(_ctx: click.Context, _param: click.Parameter, value: Path | None) -> Path:
    if value is not None:
        return value
    found = (Path(name) for name in _DEFAULT_CONFIGS if Path(name).is_file())
    return next(found, Path(_DEFAULT_CONFIGS[0]))


config_option = click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_find_config,
    envvar="GATEWAY_CONFIG",
    help="The settings file; ./gateway.yaml or ./.gateway/gateway.yaml if not given.",
)
"""Adds ``-c/--config``, given to the command as ``config: Path``."""

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON for programs instead of text for people."
)
"""Adds ``--json``, given to the command as ``as_json: bool``."""


def print_json(value: Any) -> None:
    """Prints one JSON value on one line."""
    click.echo(orjson.dumps(value).decode())
