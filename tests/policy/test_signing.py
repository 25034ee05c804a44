"""Signing a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.errors import ConfigurationError
from gateway.policy.bundle import open_bundle
from gateway.policy.load import load_policy
from gateway.policy.signing import sign_bundle

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.policy.manifest import Manifest

TEXT = "version: 1\nmetadata: {name: prod, revision: %d}\nroles: {%s: {}}\n"
KEY = Ed25519PrivateKey.generate()


def sign(folder: Path, revision: int, role: str = "a", key: Ed25519PrivateKey = KEY) -> Manifest:
    (folder / "p.yaml").write_text(TEXT % (revision, role))
    return sign_bundle(folder, load_policy([folder]), key)


def test_what_was_signed_opens(folder: Path) -> None:
    manifest = sign(folder, 3)
    assert (manifest.name, manifest.revision, list(manifest.files)) == ("prod", 3, ["p.yaml"])
    assert open_bundle(folder, KEY.public_key()).manifest == manifest


def test_signing_leaves_nothing_else_behind(folder: Path) -> None:
    sign(folder, 3)
    names = sorted(file.name for file in folder.iterdir())
    assert names == ["manifest.json", "manifest.sig", "p.yaml"]


def test_a_higher_revision_is_signed_over_the_old_one(folder: Path) -> None:
    sign(folder, 3)
    assert sign(folder, 4, "b").revision == 4


def test_the_same_files_are_signed_again(folder: Path) -> None:
    sign(folder, 3)
    assert sign(folder, 3).revision == 3


@pytest.mark.parametrize("revision", [3, 2])
def test_other_files_are_not_signed_without_counting_up(folder: Path, revision: int) -> None:
    sign(folder, 3)
    with pytest.raises(ConfigurationError, match=r"revision 3 was signed before.*count"):
        sign(folder, revision, "b")
    (folder / "p.yaml").write_text(TEXT % (3, "a"))
    assert open_bundle(folder, KEY.public_key()).manifest.revision == 3


def test_what_another_key_signed_binds_nobody(folder: Path) -> None:
    sign(folder, 9, key=Ed25519PrivateKey.generate())
    assert sign(folder, 1).revision == 1


def test_files_that_change_while_they_are_signed_are_not_signed(folder: Path) -> None:
    (folder / "p.yaml").write_text(TEXT % (1, "a"))
    policy = load_policy([folder])
    (folder / "p.yaml").write_text(TEXT % (1, "b"))
    with pytest.raises(ConfigurationError, match="changed while they were loaded"):
        sign_bundle(folder, policy, KEY)
    assert not (folder / "manifest.json").exists()


def test_a_file_whose_name_no_manifest_takes_is_named(folder: Path) -> None:
    (folder / "my policy.yaml").write_text(TEXT % (1, "a"))
    with pytest.raises(ConfigurationError, match="a file's name must be plain"):
        sign_bundle(folder, load_policy([folder]), KEY)
