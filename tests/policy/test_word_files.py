from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.errors import ConfigurationError, Place
from gateway.policy.word_files import MOST_TERMS, is_word_file, read_words

if TYPE_CHECKING:
    from pathlib import Path


def test_one_term_a_line_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "names.words"
    file.write_text("# who buys\nOslo\n\n  red fox \r\nC#\n")
    read = read_words(file)
    assert is_word_file(file)
    assert read.terms == (
        (Place(str(file), 2, 1), "Oslo"),
        (Place(str(file), 4, 3), "red fox"),
        (Place(str(file), 5, 1), "C#"),
    )
    assert read.document.text == file.read_bytes().decode()


def why(file: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read_words(file)
    return str(caught.value).replace(f"{file.parent}/", "")


def test_what_is_no_list(tmp_path: Path) -> None:
    file = tmp_path / "names.words"
    assert "names.words: cannot be read" in why(file)
    file.write_bytes(b"one\ntw\xff\n")
    assert "names.words:2:1: is not UTF-8" in why(file)
    file.write_bytes(b"x" * (4 * 2**20 + 1))
    assert "is larger than" in why(file)
    file.write_text("".join(f"term{number}\n" for number in range(MOST_TERMS + 1)))
    assert f"names.words:{MOST_TERMS + 1}:1: has more than {MOST_TERMS} terms" in why(file)
    file.write_text("\n" * (MOST_TERMS + 1))
    assert read_words(file).terms == ()
