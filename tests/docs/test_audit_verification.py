"""The page of verification is true: its commands run, and its numbers are the code's."""

from __future__ import annotations

import re
import shlex
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from audit_folder import fill, make_audit_folder, order
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit import leading, sequencer, verify_checkpoints, watch
from gateway.audit.filters import Filters
from gateway.audit.note import Signer, sign
from gateway.audit.query import events
from gateway.audit.store.opening import open_tree
from gateway.audit.store.tree import Kept
from gateway.cli import main
from gateway.relay.mirror import FolderMirror

if TYPE_CHECKING:
    import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "audit-verification.md").read_text()
LINES = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
]


def _prepare(folder: Path) -> str:
    """A log with everything that the page's commands name; gives the id of a record."""
    ledger = make_audit_folder(folder)
    fill(ledger)
    ledger.close()
    order(folder)
    url = f"sqlite:///{folder}/data/audit.db"
    with closing(open_tree(url, 1.0)) as store:
        kept = store.newest()
        assert kept is not None
        text, lines = kept.note.partition("\n\n")[0] + "\n", ""
        for name in ("one", "two"):
            witness = Signer.of(name, Ed25519PrivateKey.generate()).cosigner
            Path(f"{name}.vkey").write_text(str(witness.verifier))
            lines += sign(text, witness, time=1).partition("\n\n")[2]
        with store.turn(store.lead("test", 60.0) or 0) as turn:
            turn.put_checkpoint(Kept(kept.number, kept.size, kept.time, kept.note + lines))
    Path("kept.txt").write_text(kept.note)
    Path("mirror").mkdir()
    FolderMirror(Path("mirror"))(kept)
    for source, target in (("data/audit.db", "copy.db"), ("keys/log.vkey", "log.vkey")):
        Path(target).write_bytes(Path(source).read_bytes())
    Path("keys/auditor.key").rename("auditor.key")
    return str(events(url, Filters(limit=1)).events[0]["id"])


def test_the_commands_run_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    event = _prepare(tmp_path)
    assert len(LINES) == 7
    for line in LINES:
        words = shlex.split(line.replace(" ID ", f" {event} "), comments=True)
        result = CliRunner().invoke(main, words[1:])
        assert result.exit_code == 0, (line, result.stderr, result.stdout)


def test_the_times_are_those_of_the_code() -> None:
    assert (leading.SOONEST, leading.LATEST, watch.PATIENCE) == (1.0, 60.0, 60.0)
    for words in ("at most each second when", "at least each minute when", "life for a minute"):
        assert words in PAGE
    assert f"for more than {verify_checkpoints._SILENCE} seconds" in PAGE
    assert "takes over within 5 seconds" in PAGE
    assert sequencer._LEASE + sequencer._RENEW + 1 <= 5
