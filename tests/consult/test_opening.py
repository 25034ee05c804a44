from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tiny_classifier import write_classifier

from gateway.consult.opening import open_consultants
from gateway.consult.opinions import ConsultantLost
from gateway.errors import Place
from gateway.model_settings import ModelSettings

if TYPE_CHECKING:
    from pathlib import Path


async def test_every_model_of_the_settings_is_there_by_its_name(tmp_path: Path) -> None:
    network, tokenizer = write_classifier(tmp_path)
    settings = {
        "tiny": ModelSettings.model_validate(
            {"onnx": str(network), "tokenizer": str(tokenizer), "deadline": "20s"}
        ),
        "far": ModelSettings.model_validate({"classifier_url": "http://127.0.0.1:9/classify"}),
        "names": ModelSettings.model_validate({"analyzer_url": "http://127.0.0.1:9/analyze"}),
    }
    opened = open_consultants(settings, dict.fromkeys(settings, Place("gateway.yaml")))
    assert list(opened) == ["tiny", "far", "names"]
    ((one,),) = await opened["tiny"].read(["an attack"])
    assert one.score > 0.9
    for name in ("far", "names"):
        with pytest.raises(ConsultantLost):
            await opened[name].read(["an attack"])
    for consultant in opened.values():
        await consultant.close()
