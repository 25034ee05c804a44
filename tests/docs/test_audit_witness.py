"""The page of the witness is true: its commands run, its settings load, its table is the code's."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from audit_folder import SETTINGS as GATEWAY
from click.testing import CliRunner, Result
from made_up_log import new_signer

from gateway.cli import main
from gateway.cli.witness import serve
from gateway.settings import AuditSettings, load_settings
from gateway.witness import refusals
from gateway.witness.settings import load_witness_settings

if TYPE_CHECKING:
    import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "audit-witness.md").read_text()
LINES = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
]
(SETTINGS,) = re.findall(r"^```yaml\n(listen.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def _run(line: str) -> Result:
    return CliRunner().invoke(main, shlex.split(line, comments=True)[1:])


def test_the_commands_run_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("log.vkey").write_text(f"{new_signer('log.example').verifier}\n")
    init, served, show = LINES
    for line in (init, show):
        result = _run(line)
        assert result.exit_code == 0, result.stderr
    options = {option for parameter in serve.params for option in parameter.opts}
    assert {word for word in shlex.split(served) if word.startswith("-")} <= options
    written = Path("w/witness.yaml").read_text()
    assert written == re.sub(r" +#.*", "", SETTINGS)
    assert {path.name for path in Path("w").iterdir()} == {
        "witness.yaml", "witness.key", "witness.vkey", "witness.db", "log.example.vkey",
    }  # fmt: skip


def test_the_settings_load(tmp_path: Path) -> None:
    (tmp_path / "witness.yaml").write_text(SETTINGS)
    assert load_witness_settings(tmp_path / "witness.yaml").logs == (tmp_path / "log.example.vkey",)


def test_every_status_is_explained() -> None:
    told = set(map(int, re.findall(r"^\| (\d{3}) \|", PAGE, re.MULTILINE)))
    statuses = {getattr(refusals, name).status for name in refusals.__all__} - {500}
    assert told == {200, *statuses}


def test_the_gateways_settings_of_the_page_load(tmp_path: Path) -> None:
    (asking,) = re.findall(r"^```yaml\n(audit:.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    (tmp_path / "gateway.yaml").write_text(GATEWAY.partition("audit:")[0] + asking)
    audit = load_settings(tmp_path / "gateway.yaml").audit
    assert isinstance(audit, AuditSettings)
    assert [one.url for one in audit.witnesses] == ["https://witness.example.com"]
    assert audit.mirror is not None
