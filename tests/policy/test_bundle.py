"""Signed policies, and the attacks on them."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.errors import ConfigurationError
from gateway.policy.bundle import Signed, load_signed, open_bundle
from gateway.policy.bundle_keys import create_keys, load_signing_key
from gateway.policy.load import load_policy
from gateway.policy.manifest import Manifest, Member
from gateway.policy.revision import Stamp, read_stamp, write_stamp
from gateway.policy.signing import sign_bundle

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gateway.policy.model import Policy

MAIN = "version: 1\nmetadata: {name: prod, revision: %d}\nroles: {a: {}}\n"
RULES = "rules: [{id: r, deny: {roles: [a]}}]\n"
OPEN = "rules: [{id: r, allow: {roles: [a]}, scan: []}]\n"


@dataclass
class Release:
    """A signed folder, and what a gateway knows."""

    folder: Path
    key: Ed25519PrivateKey
    signed: Signed

    def sign(self, revision: int, rules: str = RULES) -> None:
        (self.folder / "main.yaml").write_text(MAIN % revision)
        (self.folder / "rules.yaml").write_text(rules)
        sign_bundle(self.folder, load_policy([self.folder]), self.key)

    def load(self) -> tuple[Policy, Stamp]:
        return load_signed([self.folder], self.signed, load_policy)

    def take(self) -> None:
        """Loads as a gateway does, which remembers the revision."""
        write_stamp(self.signed.revision_file, self.load()[1])

    def why_refused(self) -> str:
        with pytest.raises(ConfigurationError) as caught:
            self.load()
        return str(caught.value).replace(f"{self.folder}/", "")


@pytest.fixture
def release(tmp_path: Path) -> Release:
    folder = tmp_path / "policies"
    folder.mkdir()
    private, public = create_keys(tmp_path / "keys")
    made = Release(
        folder, load_signing_key(private), Signed(public, tmp_path / "state" / "revision")
    )
    made.sign(7)
    return made


def test_a_signed_policy_is_loaded_with_its_stamp(release: Release) -> None:
    policy, stamp = release.load()
    assert (policy.name, policy.revision) == ("prod", 7)
    assert stamp == Stamp(7, policy.digest)
    assert policy.files == tuple(str(release.folder / name) for name in ("main.yaml", "rules.yaml"))


def test_loading_alone_remembers_nothing(release: Release) -> None:
    release.load()
    assert read_stamp(release.signed.revision_file) is None


def test_an_edited_file_is_refused(release: Release) -> None:
    (release.folder / "rules.yaml").write_text(OPEN)
    assert release.why_refused().startswith("rules.yaml: differs from what was signed")


def test_a_file_with_one_byte_more_is_refused(release: Release) -> None:
    with (release.folder / "rules.yaml").open("a") as file:
        file.write("\n")
    assert release.why_refused().startswith("rules.yaml: differs from what was signed")


def test_an_added_file_is_refused(release: Release) -> None:
    (release.folder / "more.yaml").write_text("models: {x: [y]}\n")
    assert release.why_refused().startswith("more.yaml: is not in the manifest")


def test_a_removed_file_is_refused(release: Release) -> None:
    (release.folder / "rules.yaml").unlink()
    assert release.why_refused().startswith("rules.yaml: is in the manifest, but not in the folder")


def test_two_files_that_swap_names_are_refused(release: Release) -> None:
    one, two = release.folder / "main.yaml", release.folder / "rules.yaml"
    first, second = one.read_text(), two.read_text()
    one.write_text(second)
    two.write_text(first)
    assert "differs from what was signed" in release.why_refused()


def test_a_manifest_edited_to_fit_an_edited_file_is_refused(release: Release) -> None:
    old, new = RULES.encode(), OPEN.encode()
    (release.folder / "rules.yaml").write_bytes(new)
    manifest = release.folder / "manifest.json"
    from_, to = Manifest.parse(manifest.read_bytes()).files["rules.yaml"], Member.of(new)
    text = manifest.read_text().replace(from_.sha256, to.sha256)
    manifest.write_text(text.replace(f'"size": {len(old)}', f'"size": {len(new)}'))
    assert release.why_refused().startswith("manifest.sig: the signature does not hold")


def test_the_signature_of_another_revision_is_refused(release: Release) -> None:
    old = (release.folder / "manifest.sig").read_bytes()
    release.sign(8, OPEN)
    (release.folder / "manifest.sig").write_bytes(old)
    assert release.why_refused().startswith("manifest.sig: the signature does not hold")


def test_a_signature_of_another_key_is_refused(release: Release) -> None:
    raw = (release.folder / "manifest.json").read_bytes()
    forged = Ed25519PrivateKey.generate().sign(raw)
    (release.folder / "manifest.sig").write_bytes(base64.b64encode(forged))
    assert release.why_refused().startswith("manifest.sig: the signature does not hold")


@pytest.mark.parametrize("raw", [b"", b"!", b"AAAA", b"A" * 88, b"A" * 300, b"\xff" * 64])
def test_what_is_no_signature_is_refused(release: Release, raw: bytes) -> None:
    (release.folder / "manifest.sig").write_bytes(raw)
    assert release.why_refused().startswith("manifest.sig: ")


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig"])
def test_an_unsigned_folder_is_refused(release: Release, name: str) -> None:
    (release.folder / name).unlink()
    assert release.why_refused().startswith(f"{name}: cannot be read: No such file")


def test_a_truncated_manifest_is_refused(release: Release) -> None:
    manifest = release.folder / "manifest.json"
    manifest.write_bytes(manifest.read_bytes()[:-2])
    assert release.why_refused().startswith("manifest.sig: the signature does not hold")


def test_a_signed_manifest_with_duplicate_members_is_refused(release: Release) -> None:
    manifest = release.folder / "manifest.json"
    raw = manifest.read_bytes().replace(b'"revision": 7', b'"revision": 9, "revision": 7')
    manifest.write_bytes(raw)
    signature = base64.b64encode(release.key.sign(raw))
    (release.folder / "manifest.sig").write_bytes(signature)
    assert release.why_refused().startswith("manifest.json: is no manifest: it is not strict JSON")


def test_a_manifest_that_gives_the_policy_another_revision_is_refused(release: Release) -> None:
    manifest = release.folder / "manifest.json"
    raw = manifest.read_bytes().replace(b'"revision": 7', b'"revision": 9')
    manifest.write_bytes(raw)
    signature = base64.b64encode(release.key.sign(raw))
    (release.folder / "manifest.sig").write_bytes(signature)
    assert "name or revision differs from the policy's metadata" in release.why_refused()


@pytest.mark.parametrize("name", ["rules.yaml", "manifest.json", "manifest.sig"])
def test_a_link_that_leads_out_of_the_folder_is_refused(
    release: Release, tmp_path: Path, name: str
) -> None:
    inside, outside = release.folder / name, tmp_path / name
    inside.rename(outside)
    inside.symlink_to(outside)
    assert release.why_refused().startswith(f"{name}: leads out of the policy's folder")


def test_links_inside_the_folder_are_followed(release: Release) -> None:
    # As Kubernetes mounts a ConfigMap: p.yaml -> ..data/p.yaml, ..data -> ..2026_11_24
    hidden = release.folder / "..2026_11_24"
    hidden.mkdir()
    for name in ("main.yaml", "rules.yaml", "manifest.json", "manifest.sig"):
        (release.folder / name).rename(hidden / name)
        (release.folder / name).symlink_to(f"..data/{name}")
    (release.folder / "..data").symlink_to("..2026_11_24")
    assert release.load()[0].revision == 7


def test_a_pipe_in_place_of_a_file_does_not_stop_the_gateway(release: Release) -> None:
    (release.folder / "rules.yaml").unlink()
    os.mkfifo(release.folder / "rules.yaml")
    assert release.why_refused().startswith("rules.yaml: is no plain file")


def test_a_file_exchanged_between_check_and_parse_is_refused(release: Release) -> None:
    def exchange(paths: Sequence[Path]) -> Policy:
        (release.folder / "rules.yaml").write_text(OPEN)
        return load_policy(paths)

    with pytest.raises(ConfigurationError, match="changed while they were loaded"):
        load_signed([release.folder], release.signed, exchange)


def test_a_file_added_between_check_and_parse_is_not_read(release: Release) -> None:
    def add(paths: Sequence[Path]) -> Policy:
        (release.folder / "zz.yaml").write_text("roles: {stranger: {control: [audit.read]}}\n")
        return load_policy(paths)

    policy, _ = load_signed([release.folder], release.signed, add)
    assert set(policy.roles) == {"a"}


def test_a_rolled_back_bundle_is_refused_with_both_numbers(release: Release) -> None:
    old = {file.name: file.read_bytes() for file in release.folder.iterdir()}
    release.take()
    release.sign(8)
    release.take()
    for name, raw in old.items():
        (release.folder / name).write_bytes(raw)
    assert release.why_refused().startswith(
        "manifest.json: revision 7 is older than revision 8, the last one"
    )


def test_a_revision_that_does_not_rise_is_refused(release: Release) -> None:
    release.take()
    (release.folder / "manifest.sig").unlink()  # else it would not even be signed
    release.sign(7, OPEN)
    assert "revision 7 was already in force with other files" in release.why_refused()


def test_a_restart_with_the_same_bundle_is_fine(release: Release) -> None:
    release.take()
    release.take()
    assert release.load()[1].revision == 7


def test_a_damaged_revision_file_lets_nothing_pass(release: Release) -> None:
    release.take()
    release.signed.revision_file.write_text("")
    assert "holds no revision" in release.why_refused()


def test_key_and_revision_in_the_policys_own_folder_are_refused(release: Release) -> None:
    key, revision = release.signed.key, release.signed.revision_file
    inside = release.folder / "policy.pub"
    inside.write_bytes(key.read_bytes())
    release.signed = Signed(inside, revision)
    assert "signed_by lies in the policy's own folder" in release.why_refused()
    release.signed = Signed(key, release.folder / "revision")
    assert "revision_file lies in the policy's own folder" in release.why_refused()


def test_a_signed_policy_is_one_folder(release: Release) -> None:
    for paths in ([release.folder / "main.yaml"], [release.folder, release.folder], []):
        with pytest.raises(ConfigurationError, match="a signed policy is one folder"):
            load_signed(paths, release.signed, load_policy)


def test_what_is_not_utf_8_is_refused_by_name(release: Release) -> None:
    raw = b"roles: {\xff: {}}\n"
    (release.folder / "rules.yaml").write_bytes(raw)
    manifest = release.folder / "manifest.json"
    before = Manifest.parse(manifest.read_bytes())
    files = {**before.files, "rules.yaml": Member.of(raw)}
    signed = Manifest(before.name, 7, before.created, files).to_bytes()
    manifest.write_bytes(signed)
    (release.folder / "manifest.sig").write_bytes(base64.b64encode(release.key.sign(signed)))
    assert release.why_refused().startswith("rules.yaml: is not UTF-8")


def test_an_open_bundle_names_its_files(release: Release) -> None:
    bundle = open_bundle(release.folder, release.key.public_key())
    assert [file.name for file in bundle.files] == ["main.yaml", "rules.yaml"]
    assert bundle.digest == load_policy([release.folder]).digest
