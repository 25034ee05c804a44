from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.errors import ConfigurationError
from gateway.witness.settings import load_witness_settings, log_keys

if TYPE_CHECKING:
    from pathlib import Path

    from made_up_log import MadeUpLog

    from gateway.audit.note import Signer


def _written(folder: Path, text: str) -> Path:
    path = folder / "witness.yaml"
    path.write_text(text)
    return path


def test_paths_are_relative_to_the_file(tmp_path: Path, log: MadeUpLog) -> None:
    (tmp_path / "log.vkey").write_text(f"{log.signer.verifier}\n")
    settings = load_witness_settings(
        _written(tmp_path, "key: w.key\nstore: w.db\nlogs: [log.vkey]\n")
    )
    assert (settings.key, settings.store) == (tmp_path / "w.key", tmp_path / "w.db")
    assert (settings.listen.host, settings.listen.port) == ("127.0.0.1", 8090)
    assert log_keys(settings) == [log.signer.verifier]


def test_the_key_of_a_witness_is_no_logs(tmp_path: Path, cosigner: Signer) -> None:
    (tmp_path / "log.vkey").write_text(f"{cosigner.verifier}\n")
    settings = load_witness_settings(
        _written(tmp_path, "key: w.key\nstore: w.db\nlogs: [log.vkey]\n")
    )
    with pytest.raises(ConfigurationError, match="not a log's"):
        log_keys(settings)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("key: w\nstore: w\nlogs: []\n", "3:1"),
        ("key: w\nstore: w\nlogs: [x]\nport: 5\n", "4:1"),
        ("store: w\nlogs: [x]\n", "key"),
        ("key: w\nstore: w\nlogs: [x]\nlisten: {port: 70000}\n", "4:10"),
    ],
)
def test_a_problem_is_told_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        load_witness_settings(_written(tmp_path, text))
