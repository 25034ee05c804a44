"""The Dockerfile: held to hadolint's rules by reading it; its build steps run without an engine.

What cannot be tried without an engine is the base image and the final stage's user; their
instructions are checked for their form.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gateway.demo.running import free_port

_ROOT = Path(__file__).parent.parent


def _instructions() -> list[tuple[str, str]]:
    text = (_ROOT / "Dockerfile").read_text()
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    lines = (line.strip() for line in text.splitlines())
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines if line]


def _stages() -> list[list[tuple[str, str]]]:
    stages: list[list[tuple[str, str]]] = []
    for kind, rest in _instructions():
        if kind == "FROM":
            stages.append([])
        stages[-1].append((kind, rest))
    return stages


def _only(kind: str) -> str:
    (found,) = [rest for one, rest in _stages()[-1] if one == kind]
    return found


def test_it_has_two_stages_of_one_pinned_slim_image() -> None:
    images = [stage[0][1].split()[0] for stage in _stages()]
    assert len(images) == 2
    assert len(set(images)) == 1
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", images[0]), "DL3006, DL3007: a pinned tag"


def test_the_last_stage_runs_as_a_numeric_user_that_is_not_root() -> None:
    user, _, group = _only("USER").partition(":")
    assert int(user) >= 10_000 <= int(group)
    kinds = [kind for kind, _ in _stages()[-1]]
    assert kinds.index("USER") > max(
        index for index, kind in enumerate(kinds) if kind in {"RUN", "COPY"}
    )


def test_rules_that_a_linter_would_hold() -> None:
    for kind, rest in _instructions():
        assert kind != "ADD", "DL3020"
        assert kind != "MAINTAINER", "DL4000"
        assert "sudo" not in rest, "DL3004"
        assert "apt-get upgrade" not in rest, "DL3005"
        if kind == "WORKDIR":
            assert rest.startswith("/"), "DL3000"
        if kind in {"ENTRYPOINT", "CMD"}:
            assert isinstance(json.loads(rest), list), "DL3025: the exec form"
        if "pip install" in rest:
            assert "--require-hashes" in rest or "--no-deps" in rest, "DL3013"
            assert any("PIP_NO_CACHE_DIR=1" in more for _, more in _stages()[0]), "DL3042"


def test_it_has_one_health_check_of_the_readiness_endpoint() -> None:
    assert "/gateway/health/ready" in _only("HEALTHCHECK")


def test_the_context_holds_what_is_copied_and_nothing_else() -> None:
    lines = (_ROOT / ".dockerignore").read_text().split()
    allowed = {line[1:] for line in lines if line.startswith("!")}
    assert lines[0] == "*"
    copied = {
        source.removeprefix("./")
        for kind, rest in _stages()[0]
        if kind == "COPY"
        for source in rest.split()[:-1]
    }
    assert copied == allowed
    assert all((_ROOT / name).exists() for name in copied)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_its_build_steps_make_a_gateway_that_serves(tmp_path: Path) -> None:
    """Runs every RUN of the build stage, with the image's folders moved under a temporary one."""
    source, target = tmp_path / "src", tmp_path / "opt"
    source.mkdir()
    for name in ("requirements.lock", "pyproject.toml", "README.md"):
        shutil.copy(_ROOT / name, source)
    shutil.copytree(
        _ROOT / "gateway", source / "gateway", ignore=shutil.ignore_patterns("__pycache__")
    )
    path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    inherited = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    environment = {"PATH": path, "HOME": str(tmp_path), **inherited}
    for kind, rest in _stages()[0]:
        if kind == "RUN":
            step = rest.replace("/opt/gateway", str(target))
            subprocess.run(step, shell=True, check=True, cwd=source, env=environment)  # noqa: S602 - the Dockerfile's own words
    gateway = str(target / "bin" / "gateway")
    home = tmp_path / "home"
    run = {"cwd": tmp_path, "env": {"PATH": f"{target / 'bin'}:{path}"}}
    subprocess.run([gateway, "init", str(home)], check=True, **run)  # type: ignore[call-overload]
    port = free_port()
    command = [gateway, "serve", "-c", str(home / "gateway.yaml"), "--port", str(port)]
    process = subprocess.Popen(command, **run)  # type: ignore[call-overload]
    try:
        words = json.loads(_only("HEALTHCHECK").partition("CMD ")[2])
        check = [word.replace(":8080", f":{port}") for word in words]
        for _ in range(300):
            done = subprocess.run(check, capture_output=True, check=False, **run)  # type: ignore[call-overload]
            if done.returncode == 0:
                return
            assert process.poll() is None
            time.sleep(0.1)
        pytest.fail("the health check never passed")
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.parametrize("file", ["Dockerfile", "scripts/lib.sh"])
def test_a_newer_release_of_a_package_with_an_extra_breaks_no_install(file: str) -> None:
    """Older releases of pip then ask for a pin of the extra, which a lock does not have."""
    text = (_ROOT / file).read_text().replace("\\\n", " ")
    (install,) = [line for line in text.splitlines() if "--require-hashes" in line]
    assert "--no-deps" in install.split()
