"""``gateway check``: every part is looked at, and every problem of each is told."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.starter import create_home

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    create_home(tmp_path / "home")
    return tmp_path / "home"


def check(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", "-c", str(home / "gateway.yaml"), *arguments])


def test_a_good_home(home: Path) -> None:
    done = check(home)
    assert done.exit_code == 0, done.output
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [
        [part, "ok"] for part in ("policy", "identity", "audit", "upstreams")
    ]
    assert not (home / "data").exists(), "nothing is made"
    found = json.loads(check(home, "--json").stdout)
    assert found["ok"] is True
    assert found["checked"]["audit"].endswith("data/audit.db will be made")


def test_a_signed_policy_is_checked_and_not_remembered(home: Path) -> None:
    runner, file = CliRunner(), home / "gateway.yaml"
    runner.invoke(main, ["policy", "keygen", str(home / "keys")])
    signing = ["policy", "sign", str(home / "policies"), "--key", str(home / "keys/policy.key")]
    assert runner.invoke(main, signing).exit_code == 0
    path = re.search(r"^policy: .*$", file.read_text(), re.MULTILINE)
    assert path is not None
    asked = "policy: {path: policies, signed_by: keys/policy.pub, revision_file: data/revision}"
    file.write_text(file.read_text().replace(path[0], asked))
    done = check(home)
    assert done.exit_code == 0, done.output
    assert "tests pass, signed for policy.pub" in done.stdout
    assert not (home / "data").exists(), "nothing is made"
    (home / "policies" / "tests.yaml").unlink()
    done = check(home)
    assert done.exit_code == 2
    assert "tests.yaml: is in the manifest, but not in the folder" in done.stderr


def test_every_problem_of_every_part(home: Path) -> None:
    for name in ("log.key", "auditor.pub", "issuer.jwks.json"):
        (home / "keys" / name).unlink()
    policy = home / "policies" / "policy.yaml"
    policy.write_text(policy.read_text().replace("rules:", "ruls:"))
    done = check(home)
    assert done.exit_code == 2
    for name in ("policy.yaml:", "log.key:", "auditor.pub:", "issuer.jwks.json:"):
        assert any(name in line for line in done.stderr.splitlines()), name


def test_a_store_that_is_none(home: Path) -> None:
    (home / "data").mkdir()
    (home / "data" / "audit.db").write_text("no database" * 200)
    done = check(home)
    assert done.exit_code == 2
    assert done.stderr.startswith(f"{home}/data/audit.db: ")


def test_no_log_is_said_in_so_many_words(home: Path) -> None:
    file = home / "gateway.yaml"
    head, _, tail = file.read_text().partition("audit:\n")
    file.write_text(head + "audit: off\n" + tail[tail.index("limits:") :])
    assert "off: nothing of what happens is recorded" in check(home).stdout
