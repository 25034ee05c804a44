"""The table of upstreams: which endpoint serves a model, and how the gateway names itself there."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.settings import UpstreamSettings
    from gateway.upstream.headers import Headers

__all__ = ["Upstream", "UpstreamTable"]


@dataclass(frozen=True, slots=True)
class Upstream:
    """One endpoint. ``credential`` is header fields, and never shown."""

    name: str
    base: str
    models: tuple[str, ...]
    credential: Headers = field(default=(), repr=False)

    def url(self, path: str) -> str:
        """The full URL of a path of the API; ``path`` begins with a slash."""
        return _url(self.base + path)


@lru_cache(256)
def _url(url: str) -> str:
    # What clients write in a path is escaped where no URL has it so.
    return str(httpx.URL(url))


class UpstreamTable:
    """Upstreams in the order of the settings; the first that serves a model is asked."""

    def __init__(self, settings: Mapping[str, UpstreamSettings]) -> None:
        self._settings = settings
        self._upstreams = {name: _upstream(name, one) for name, one in settings.items()}
        self._by_model: dict[str, Upstream | None] = {}

    def __iter__(self) -> Iterator[Upstream]:
        return iter(self._upstreams.values())

    def named(self, name: str) -> Upstream:
        """The upstream of a name in the settings.

        Raises:
            KeyError: There is none.
        """
        return self._upstreams[name]

    def for_model(self, model: str) -> Upstream | None:
        """The upstream that serves a model, or None."""
        if model not in self._by_model:
            # Names of models come from clients: a full memory is emptied, so that it stays small.
            if len(self._by_model) >= 1024:
                self._by_model.clear()
            serving = (name for name, one in self._settings.items() if one.serves(model))
            name = next(serving, None)
            self._by_model[model] = self._upstreams[name] if name else None
        return self._by_model[model]


def _upstream(name: str, settings: UpstreamSettings) -> Upstream:
    credential = settings.credential
    fields = (
        ((credential.header.lower().encode("ascii"), credential.value.encode("latin-1")),)
        if credential
        else ()
    )
    return Upstream(name, settings.url, settings.models, fields)
