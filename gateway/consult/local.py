"""Readers of names that are installed beside the gateway: spaCy and GLiNER."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from gateway.errors import ConfigurationError, Place, Problem
from gateway.terms import Opinion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gateway.model_settings import ModelSettings

__all__ = ["LocalReader", "load_gliner", "load_spacy"]

_SPACY: Final = {
    "DATE": "DATE_TIME", "FAC": "LOCATION", "GPE": "LOCATION", "LOC": "LOCATION", "NORP": "NRP",
    "ORG": "ORGANIZATION", "PER": "PERSON", "PERSON": "PERSON", "TIME": "DATE_TIME",
}  # fmt: skip
"""What spaCy's labels are called here, as in Presidio's own mapping."""
_SPACY_SCORE: Final = 0.85
"""spaCy gives no probability; this is the one that Presidio takes."""
_GLINER: Final = {
    "person": "PERSON",
    "organization": "ORGANIZATION",
    "location": "LOCATION",
    "date": "DATE_TIME",
}
"""What GLiNER is asked for, and what that is called here."""
_LEAST: Final = 0.3


class LocalReader:
    """Runs a reader in threads of its own.

    Args:
        find: Gives what is found in one text.
        threads: How many texts are read at the same time.
    """

    def __init__(self, find: Callable[[str], Iterable[Opinion]], threads: int) -> None:
        self._find = find
        self._threads = ThreadPoolExecutor(threads, "reader")

    async def read(self, texts: Sequence[str]) -> list[tuple[Opinion, ...]]:
        """What it finds in each text."""
        loop = asyncio.get_running_loop()
        runs = [loop.run_in_executor(self._threads, self._found, text) for text in texts]
        return await asyncio.gather(*runs)

    async def close(self) -> None:
        """Ends its threads once they are done."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _found(self, text: str) -> tuple[Opinion, ...]:
        return tuple(self._find(text))


def load_spacy(settings: ModelSettings, place: Place) -> LocalReader:
    """SpaCy with an installed pipeline, or one in a folder.

    Raises:
        ConfigurationError: It is not installed, or has no such pipeline.
    """
    pipeline = _loaded(lambda: import_module("spacy").load(settings.spacy), "spacy", place)

    def find(text: str) -> Iterable[Opinion]:
        for one in pipeline(text).ents:
            label = _SPACY.get(one.label_)
            if label is not None:
                yield Opinion(label, one.start_char, one.end_char, _SPACY_SCORE)

    return LocalReader(find, settings.concurrent)


def load_gliner(settings: ModelSettings, place: Place) -> LocalReader:
    """GLiNER with an installed model, or one in a folder; nothing is downloaded.

    Raises:
        ConfigurationError: It is not installed, or has no such model.
    """

    def load() -> Any:
        kind = import_module("gliner").GLiNER
        return kind.from_pretrained(settings.gliner, local_files_only=True)

    model = _loaded(load, "gliner", place)

    def find(text: str) -> Iterable[Opinion]:
        for one in model.predict_entities(text, [*_GLINER], threshold=_LEAST):
            yield Opinion(_GLINER[one["label"]], one["start"], one["end"], float(one["score"]))

    return LocalReader(find, settings.concurrent)


def _loaded(load: Callable[[], Any], package: str, place: Place) -> Any:
    try:
        return load()
    except ImportError:
        message = f"{package} is not installed"
        advice = f"install {package} beside the gateway"
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a model
        message = f"{package} cannot load this model: {type(error).__name__}"
        advice = "give the name of an installed model, or its folder"
    raise ConfigurationError(Problem(place, message, advice))
