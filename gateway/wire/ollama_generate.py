"""Ollama's texts to go on with, outside of a chat."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from gateway.wire.exchange import IN_BODY, Exchange, Target
from gateway.wire.ollama_changes import change_generate
from gateway.wire.ollama_chat import OllamaChat
from gateway.wire.ollama_parameters import GENERATE
from gateway.wire.ollama_shapes import GENERATE as REQUEST
from gateway.wire.whole import read_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.terms import Changes

__all__ = ["OllamaGenerate"]


class OllamaGenerate(OllamaChat):
    """``POST /api/generate``. A ``Format``.

    ``context``, which spells a whole conversation as numbers of tokens, is refused in requests. In
    an answer it stays where nothing was changed, and is of no use to anybody who comes back here.
    """

    _empty: ClassVar[Mapping[str, Any]] = MappingProxyType({"response": ""})

    def read(self, body: Mapping[str, Any], target: Target = IN_BODY) -> Exchange:
        """See ``Format.read``."""
        return read_request(body, REQUEST, GENERATE, target)

    def change_request(self, body: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
        """See ``Format.change_request``."""
        return change_generate(body, changes)
