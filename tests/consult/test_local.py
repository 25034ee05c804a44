from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.consult.local import LocalReader, load_gliner, load_spacy
from gateway.errors import ConfigurationError, Place
from gateway.model_settings import ModelSettings
from gateway.terms import Opinion

PLACE = Place("gateway.yaml", 3, 5)


async def test_each_text_is_read_in_a_thread() -> None:
    reader = LocalReader(lambda text: [Opinion("PERSON", 0, len(text), 0.5)], 2)
    assert await reader.read(["Ada", "Bob!"]) == [
        (Opinion("PERSON", 0, 3, 0.5),),
        (Opinion("PERSON", 0, 4, 0.5),),
    ]
    await reader.close()


@pytest.mark.parametrize(("load", "key"), [(load_spacy, "spacy"), (load_gliner, "gliner")])
def test_what_is_not_installed_is_said_with_its_place(
    load: Any, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, key, None)
    settings = ModelSettings.model_validate({key: "some-model"})
    with pytest.raises(ConfigurationError, match=rf"gateway\.yaml:3:5: {key} is not installed"):
        load(settings, PLACE)


def test_a_model_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_name: str) -> None:
        raise OSError("words")

    monkeypatch.setitem(sys.modules, "spacy", SimpleNamespace(load=load))
    with pytest.raises(ConfigurationError, match="cannot load this model: OSError"):
        load_spacy(ModelSettings.model_validate({"spacy": "none"}), PLACE)


async def test_the_labels_of_spacy_and_gliner_become_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    # The packages are hundreds of megabytes; what is ours is what their labels are called here.
    ents = [
        SimpleNamespace(label_="GPE", start_char=0, end_char=4),
        SimpleNamespace(label_="MONEY", start_char=5, end_char=6),
    ]
    pipeline = SimpleNamespace(load=lambda _name: lambda _text: SimpleNamespace(ents=ents))
    monkeypatch.setitem(sys.modules, "spacy", pipeline)
    reader = load_spacy(ModelSettings.model_validate({"spacy": "x"}), PLACE)
    assert await reader.read(["Oslo 7"]) == [(Opinion("LOCATION", 0, 4, 0.85),)]
    await reader.close()

    def predict(_text: str, labels: list[str], threshold: float) -> list[dict[str, Any]]:
        assert "person" in labels
        return [{"label": "person", "start": 1, "end": 3, "score": threshold}]

    made = SimpleNamespace(predict_entities=predict)
    kind = SimpleNamespace(
        from_pretrained=lambda _name, local_files_only: local_files_only and made
    )
    monkeypatch.setitem(sys.modules, "gliner", SimpleNamespace(GLiNER=kind))
    reader = load_gliner(ModelSettings.model_validate({"gliner": "x"}), PLACE)
    assert await reader.read(["I am"]) == [(Opinion("PERSON", 1, 3, 0.3),)]
    await reader.close()
