"""``gateway policy keygen``, ``sign`` and ``verify``: who may change what is in force."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import json_option, print_json
from gateway.cli.policy_common import FILE, models_or_none, own_option, print_problems, title
from gateway.errors import ConfigurationError, Place
from gateway.policy.bundle import check_loaded, open_bundle
from gateway.policy.bundle_files import MANIFEST
from gateway.policy.bundle_keys import create_keys, load_signing_key, load_verifying_key
from gateway.policy.signing import sign_bundle
from gateway.steps.activation import activate, compile_policy

if TYPE_CHECKING:
    from gateway.cli.policy_common import Own
    from gateway.policy.manifest import Manifest

__all__ = ["keygen", "sign", "verify"]

_folder_argument = click.argument(
    "path", type=click.Path(exists=True, file_okay=False, path_type=Path)
)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def keygen(folder: Path) -> None:
    """Write a new pair into DIR: policy.key signs, policy.pub is for gateways. Never overwrites."""
    private, public = create_keys(folder)
    click.echo(f"{private}  signs policies; keep it away from gateways")
    click.echo(f"{public}  for policy.signed_by in gateway.yaml")


@click.command()
@_folder_argument
@own_option
@click.option("--key", required=True, type=FILE, help="The private key, policy.key.")
@json_option
def sign(path: Path, key: Path, *, own: Own, as_json: bool) -> None:
    """Check and test the policy in the folder PATH, and sign it as it is.

    Writes manifest.json and manifest.sig into the folder. A policy that is wrong, or whose tests
    fail, is not signed: exit code 1.
    """
    private = load_signing_key(key)
    try:
        manifest = sign_bundle(path, activate([path], own=models_or_none(own)).policy, private)
    except ConfigurationError as error:
        print_problems(error, as_json=as_json)
        sys.exit(1)
    if as_json:
        print_json({"valid": True, **_json(manifest)})
    else:
        click.echo(f"{click.style('signed', fg='green')} {_words(manifest)}")


@click.command()
@_folder_argument
@own_option
@click.option("--key", required=True, type=FILE, help="The public key, policy.pub.")
@json_option
def verify(path: Path, key: Path, *, own: Own, as_json: bool) -> None:
    """Check that the policy in the folder PATH is what was signed; exit code 1 where it is not."""
    public = load_verifying_key(key)
    try:
        bundle = open_bundle(path, public)
        loaded = compile_policy(bundle.files, own=models_or_none(own)).policy
        check_loaded(bundle, loaded, Place(str(path / MANIFEST)))
    except ConfigurationError as error:
        print_problems(error, as_json=as_json)
        sys.exit(1)
    if as_json:
        print_json({"valid": True, "digest": bundle.digest, **_json(bundle.manifest)})
    else:
        click.echo(f"{click.style('ok', fg='green')} {_words(bundle.manifest)}")


def _json(manifest: Manifest) -> dict[str, Any]:
    return {
        "name": manifest.name,
        "revision": manifest.revision,
        "created": manifest.created,
        "files": sorted(manifest.files),
    }


def _words(manifest: Manifest) -> str:
    count = len(manifest.files)
    files = f"{count} file{'' if count == 1 else 's'}"
    return f"{title(manifest)}: {files}, {manifest.created}"
