"""A new home for a gateway: settings, the starter policy and fresh keys."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

from gateway.audit.keys import create_keys
from gateway.errors import ConfigurationError, Place, Problem
from gateway.identity.issuer import create_issuer
from gateway.key_files import create_random_key

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from gateway.audit.recipients import SuiteName

__all__ = ["create_home"]

_FOLDERS: Final = ("policies", "keys")


def create_home(
    folder: Path, *, port: int = 8080, demo_port: int = 9100, suite: SuiteName = "x25519"
) -> tuple[Path, ...]:
    """Writes ``gateway.yaml``, ``policies/`` and ``keys/`` into a folder, made when missing.

    ``suite`` is the kind of the auditor's key.

    Returns:
        The files that were written.

    Raises:
        ConfigurationError: Something of it exists already; then nothing is written.
    """
    starter = files("gateway.starter")
    settings = starter.joinpath("gateway.yaml").read_text(encoding="utf-8")
    settings = settings.replace("@PORT@", str(port)).replace("@DEMO_PORT@", str(demo_port))
    for existing in (folder / name for name in ("gateway.yaml", *_FOLDERS)):
        if existing.exists():
            problem = Problem(
                Place(str(existing)), "exists already", "choose another folder, or move it away"
            )
            raise ConfigurationError(problem)
    try:
        for name in _FOLDERS:
            (folder / name).mkdir(parents=True)
        (folder / "keys").chmod(0o700)
        written = [_write(folder / "gateway.yaml", settings)]
        written += _copy(starter.joinpath("policies"), folder / "policies")
    except OSError as error:
        problem = Problem(Place(str(folder)), f"cannot be written: {error.strerror}")
        raise ConfigurationError(problem) from None
    keys = folder / "keys"
    random = (create_random_key(keys / name) for name in ("index.key", "pseudonyms.key"))
    return (*written, *create_keys(keys, suite=suite), *create_issuer(keys), *random)


def _copy(source: Traversable, target: Path) -> list[Path]:
    names = sorted(file.name for file in source.iterdir() if file.name.endswith(".yaml"))
    return [
        _write(target / name, source.joinpath(name).read_text(encoding="utf-8")) for name in names
    ]


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
