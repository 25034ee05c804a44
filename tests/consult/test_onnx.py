from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tiny_classifier import write_classifier

from gateway.consult.onnx import OnnxClassifier
from gateway.errors import ConfigurationError
from gateway.terms import Opinion

if TYPE_CHECKING:
    from pathlib import Path


def classifier(folder: Path, label: int = 1, tokens: int = 16) -> OnnxClassifier:
    return OnnxClassifier(*write_classifier(folder), label, tokens, 2)


async def test_a_text_gets_the_probability_of_the_label(tmp_path: Path) -> None:
    model = classifier(tmp_path)
    attack, fine, none = await model.read(["an attack here", "hello you", ""])
    assert attack == (Opinion("PROMPT_INJECTION", 0, 14, attack[0].score),)
    assert attack[0].score > 0.99
    assert fine[0].score < 0.05
    assert none == ()
    await model.close()


async def test_another_label_may_mean_an_attack(tmp_path: Path) -> None:
    ((one,),) = await classifier(tmp_path, label=0).read(["an attack here"])
    assert one.score < 0.01


async def test_a_word_is_found_wherever_it_stands_in_a_long_text(tmp_path: Path) -> None:
    model = classifier(tmp_path)
    for place in (0, 7, 13, 14, 15, 60, 99):
        words = ["word"] * 100
        words[place] = "attack"
        ((one,),) = await model.read([" ".join(words)])
        assert one.score > 0.99, place
    ((one,),) = await model.read([" ".join(["word"] * 100)])
    assert one.score == pytest.approx(0.5)


async def test_a_text_that_cannot_be_read_in_time_is_not_read_in_part(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too long"):
        await classifier(tmp_path).read(["word " * 5000])


async def test_characters_that_no_utf_8_has(tmp_path: Path) -> None:
    ((one,),) = await classifier(tmp_path).read(["\ud800 attack"])
    assert (one.end, one.score > 0.99) == (8, True)


def test_what_is_no_classifier_is_refused_without_a_word_of_it(tmp_path: Path) -> None:
    network, tokenizer = write_classifier(tmp_path)
    network.write_bytes(b"secret words")
    with pytest.raises(ConfigurationError, match=r"tiny\.onnx: is no classifier") as caught:
        OnnxClassifier(network, tokenizer, 1, 16, 1)
    assert "secret" not in str(caught.value)
    network, tokenizer = write_classifier(tmp_path)
    with pytest.raises(ConfigurationError):
        OnnxClassifier(network, tokenizer, 7, 16, 1)
    tokenizer.unlink()
    with pytest.raises(ConfigurationError):
        OnnxClassifier(network, tokenizer, 1, 16, 1)
