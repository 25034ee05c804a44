"""Makes the models that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.consult.local import load_gliner, load_spacy
from gateway.consult.onnx import OnnxClassifier
from gateway.consult.opinions import Consultant
from gateway.consult.remote import RemoteAnalyzer, RemoteClassifier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.consult.opinions import Model
    from gateway.errors import Place
    from gateway.model_settings import ModelSettings

__all__ = ["open_consultants"]


def open_consultants(
    settings: Mapping[str, ModelSettings], places: Mapping[str, Place]
) -> dict[str, Consultant]:
    """Every model by its name, ready to be asked.

    Raises:
        ConfigurationError: One of them cannot be loaded.
    """
    return {
        name: Consultant(_opened(one, places[name]), one.deadline, one.concurrent)
        for name, one in settings.items()
    }


def _opened(settings: ModelSettings, place: Place) -> Model:
    if settings.onnx is not None and settings.tokenizer is not None:
        return OnnxClassifier(
            settings.onnx,
            settings.tokenizer,
            settings.attack_label,
            settings.max_tokens,
            settings.concurrent,
        )
    if settings.classifier_url is not None:
        return RemoteClassifier(settings.classifier_url, settings)
    if settings.analyzer_url is not None:
        return RemoteAnalyzer(settings.analyzer_url, settings)
    return (load_spacy if settings.spacy is not None else load_gliner)(settings, place)
