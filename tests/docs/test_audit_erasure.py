"""The page on forgetting a person is true: its commands run, and its words are those of records."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from click.testing import CliRunner

from gateway.audit.erase import erase
from gateway.audit.filters import Filters
from gateway.audit.keys import load_keys
from gateway.audit.ledger import Item, Ledger
from gateway.audit.query import events
from gateway.audit.record import Actor, Record
from gateway.audit.salts import Scope
from gateway.cli import main
from gateway.settings import AuditSettings, load_settings
from gateway.starter import create_home

PAGE = (Path(__file__).parents[2] / "docs" / "audit-erasure.md").read_text()


def _log(home: Path) -> AuditSettings:
    create_home(home)
    settings = load_settings(home / "gateway.yaml").audit
    assert isinstance(settings, AuditSettings)
    ledger = Ledger(settings.store, load_keys(settings), 1.0)
    ledger.commit([Item(Record("intent", tenant="acme", actor=Actor("alice")), b"{}")])
    ledger.close()
    return settings


def test_the_commands_run(tmp_path: Path) -> None:
    home = tmp_path / "home"
    _log(home)
    (block,) = re.findall(r"^```\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines():
        _, *words = shlex.split(line, comments=True)
        words = [
            str(home / "keys/auditor.key") if word == "auditor.key" else word for word in words
        ]
        done = CliRunner().invoke(main, [*words, "-c", str(home / "gateway.yaml")])
        assert done.exit_code == 0, (line, done.stderr)


def test_the_names_in_the_record_are_explained(tmp_path: Path) -> None:
    settings = _log(tmp_path / "home")
    erase(settings.store, load_keys(settings), Scope("alice"), by="carol")
    (header,) = events(settings.store, Filters(stage="audit.erased")).events
    said = PAGE.partition("## What is on record")[2].partition("##")[0]
    for name in header["detail"]:
        assert f"`{name}`" in said
