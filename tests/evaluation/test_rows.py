from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gateway.errors import ConfigurationError
from gateway.evaluation.rows import Row, Span, read_rows

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, *rows: Any) -> Path:
    file = folder / "mine.jsonl"
    file.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in rows))
    return file


def test_a_label_is_enough(tmp_path: Path) -> None:
    file = written(tmp_path, {"text": "a", "label": 1}, "", {"text": "b", "label": 0})
    assert list(read_rows(file)) == [
        Row("a", "mine", "attack", "user"),
        Row("b", "mine", "benign", None),
    ]


def test_what_a_row_says_itself_goes_first(tmp_path: Path) -> None:
    given = {"text": "a", "label": 1, "source": "set", "kind": "indirect"}
    file = written(tmp_path, given, {**given, "provenance": "document"})
    assert list(read_rows(file)) == [
        Row("a", "set", "indirect", "tool"),
        Row("a", "set", "indirect", "document"),
    ]


def test_spans_say_what_should_be_found(tmp_path: Path) -> None:
    span = {"start": 0, "end": 2, "type": "PERSON"}
    (row,) = read_rows(written(tmp_path, {"text": "Al", "spans": [span], "entity": "PERSON"}))
    assert row == Row("Al", "mine", "pii", "user", (Span(0, 2, "PERSON"),), "PERSON")


@pytest.mark.parametrize(
    "wrong",
    [
        "{",
        [],
        {"text": 1, "label": 1},
        {"text": "a"},
        {"text": "a", "label": 2},
        {"text": "a", "kind": "odd"},
        {"text": "a", "kind": ["pii"]},
        {"text": "a", "label": 1, "provenance": "nobody"},
        {"text": "a", "label": 1, "source": 7},
        {"text": "a", "spans": 3},
        {"text": "a", "spans": [{"start": 0, "end": 2, "type": "PERSON"}]},
        {"text": "a", "spans": [{"start": 0, "end": 1, "type": 3}]},
        {"text": "a", "spans": [{"start": False, "end": True, "type": "PERSON"}]},
        {"text": "a", "spans": [{"start": 0}]},
    ],
    ids=str,
)
def test_what_is_no_labelled_text_is_said_with_its_place(tmp_path: Path, wrong: Any) -> None:
    file = written(tmp_path, {"text": "fine", "label": 0}, wrong)
    with pytest.raises(ConfigurationError, match=r"mine\.jsonl:2:1"):
        list(read_rows(file))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        list(read_rows(tmp_path / "none.jsonl"))


def test_a_row_does_not_show_its_text() -> None:
    assert "secret words" not in repr(Row("secret words", "set", "benign", None))
