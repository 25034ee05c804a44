from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.model_settings import ModelSettings


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "exactly one of onnx"),
        ({"spacy": "a", "gliner": "b"}, "exactly one of onnx"),
        ({"onnx": "a.onnx"}, "onnx and tokenizer go together"),
        ({"spacy": "a", "tokenizer": "t.json"}, "onnx and tokenizer go together"),
        ({"spacy": "a", "credential": {"header": "x", "value": "y"}}, "behind a URL"),
        ({"classifier_url": "http://example.com/x"}, "https"),
        ({"spacy": "a", "deadline": "0s"}, "greater"),
        ({"spacy": "a", "device": "cuda"}, "device"),
    ],
)
def test_what_cannot_be_meant_is_said(given: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        ModelSettings.model_validate(given)


def test_a_classifier_judges_and_the_others_read_names() -> None:
    remote = ModelSettings.model_validate({"classifier_url": "https://models.example.com/c"})
    assert remote.classifies
    assert not ModelSettings.model_validate({"spacy": "en_core_web_sm"}).classifies


def test_a_credential_is_not_shown() -> None:
    given = {"analyzer_url": "https://a.example.com", "credential": {"header": "k", "value": "s3"}}
    assert "s3" not in repr(ModelSettings.model_validate(given))
