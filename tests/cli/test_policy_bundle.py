"""``gateway policy keygen``, ``sign`` and ``verify``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest
from click.testing import CliRunner, Result

from gateway.cli import main

if TYPE_CHECKING:
    from pathlib import Path

POLICY = """\
version: 1
metadata: {name: prod, revision: 7}
roles: {analyst: {}}
rules: [{id: chat, allow: {roles: [analyst]}, scan: []}]
tests:
  - name: analysts may chat
    given: {role: analyst, route: messages, model: m}
    expect: {decision: allow}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "policies"
    path.mkdir()
    (path / "p.yaml").write_text(POLICY)
    assert gateway("keygen", tmp_path).exit_code == 0
    return path


def gateway(*args: object) -> Result:
    return CliRunner().invoke(main, ["policy", *(str(arg) for arg in args)])


def sign(folder: Path, *args: str) -> Result:
    return gateway("sign", folder, "--key", folder.parent / "policy.key", *args)


def verify(folder: Path, *args: str) -> Result:
    return gateway("verify", folder, "--key", folder.parent / "policy.pub", *args)


def test_what_was_signed_is_verified(folder: Path) -> None:
    signed = sign(folder)
    assert signed.exit_code == 0
    assert signed.stdout.startswith("signed policy 'prod', revision 7: 1 file, 20")
    verified = verify(folder)
    assert verified.exit_code == 0
    assert verified.stdout.startswith("ok policy 'prod', revision 7: 1 file, 20")


def test_both_speak_json(folder: Path) -> None:
    signed = orjson.loads(sign(folder, "--json").stdout)
    verified = orjson.loads(verify(folder, "--json").stdout)
    assert signed["valid"]
    assert (signed["name"], signed["revision"], signed["files"]) == ("prod", 7, ["p.yaml"])
    assert len(verified.pop("digest")) == 64
    assert signed == verified


def test_a_changed_file_does_not_verify(folder: Path) -> None:
    sign(folder)
    (folder / "p.yaml").write_text(POLICY.replace("revision: 7", "revision: 8"))
    result = verify(folder)
    assert result.exit_code == 1
    assert f"{folder}/p.yaml: differs from what was signed" in result.stderr
    result = verify(folder, "--json")
    assert result.exit_code == 1
    assert not orjson.loads(result.stdout)["valid"]


def test_another_key_does_not_verify(folder: Path, tmp_path: Path) -> None:
    sign(folder)
    gateway("keygen", tmp_path / "other")
    result = gateway("verify", folder, "--key", tmp_path / "other" / "policy.pub")
    assert result.exit_code == 1
    assert "the signature does not hold" in result.stderr


def test_a_policy_whose_tests_fail_is_not_signed(folder: Path) -> None:
    (folder / "p.yaml").write_text(POLICY.replace("decision: allow", "decision: deny"))
    result = sign(folder)
    assert result.exit_code == 1
    assert "the test 'analysts may chat' fails" in result.stderr
    assert sorted(file.name for file in folder.iterdir()) == ["p.yaml"]


def test_a_key_that_is_none_is_a_wrong_call(folder: Path) -> None:
    assert gateway("sign", folder, "--key", folder / "p.yaml").exit_code == 2
    assert gateway("sign", folder).exit_code == 2
    sign(folder)
    assert gateway("verify", folder, "--key", folder / "p.yaml").exit_code == 2


def test_keys_are_never_overwritten(folder: Path) -> None:
    before = (folder.parent / "policy.key").read_bytes()
    result = gateway("keygen", folder.parent)
    assert result.exit_code == 2
    assert "the file exists; keys are never overwritten" in result.stderr
    assert (folder.parent / "policy.key").read_bytes() == before
