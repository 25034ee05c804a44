from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.scan.lexicon_orders import order_words
from scripts.training.order_words import main, words

if TYPE_CHECKING:
    from pathlib import Path


def test_the_file_that_is_shipped_has_the_words_of_the_rules() -> None:
    assert {language: list(some) for language, some in order_words().items()} == words()


def test_words_of_every_language_are_taken_from_rules_and_from_what_is_common() -> None:
    some = words()
    assert {"vorherige", "vergiss", "anweisung*", "nicht"} <= set(some["de"])
    assert {"oubliez", "consignes", "toujours"} <= set(some["fr"])
    assert {"инструкции", "забудьте", "пожалуйста"} <= set(some["ru"])
    assert {"talimat*", "yalnizca"} <= set(some["tr"])
    assert {"निर्देशों", "कृपया"} <= set(some["hi"])


def test_what_a_rule_lets_run_together_is_no_word_of_its_own() -> None:
    assert "systemprompt" not in words()["en"]


def test_it_is_written_a_language_a_line(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    main([str(file)])
    lines = file.read_text("utf-8").splitlines()
    assert [line.partition(" ")[0] for line in lines] == list(words())
