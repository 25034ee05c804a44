"""Models behind HTTP: a classifier of injections, and Presidio's analyzer.

A classifier is asked ``POST`` with ``{"texts": [...]}`` and answers ``{"scores": [...]}``, from 0
to 1, one for each text. The analyzer is asked once for each text, as its API documents:
``{"text": ..., "language": ...}``, and answers a list of ``entity_type``, ``start``, ``end`` and
``score``.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import httpx
import orjson

from gateway.terms import PROMPT_INJECTION, Opinion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.model_settings import ModelSettings

__all__ = ["RemoteAnalyzer", "RemoteClassifier"]

_MOST: Final = 4 * 2**20
"""Bytes of an answer that are read."""


class _Server:
    """One URL, asked with JSON."""

    def __init__(self, url: str, settings: ModelSettings) -> None:
        self._url = url
        headers = {"accept": "application/json", "accept-encoding": "identity"}
        if settings.credential is not None:
            headers[settings.credential.header] = settings.credential.value
        self._client = httpx.AsyncClient(
            headers=headers,
            timeout=settings.deadline,
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(max_connections=settings.concurrent * 4),
        )

    async def ask(self, body: Any) -> Any:
        """The JSON that it answers with.

        Raises:
            ValueError: It is no answer with status 200, too long, or no JSON.
        """
        kind = {"content-type": "application/json"}
        content = orjson.dumps(body)
        async with self._client.stream("POST", self._url, content=content, headers=kind) as answer:
            if answer.status_code != httpx.codes.OK:
                raise ValueError("the status is not 200")
            read = bytearray()
            async for chunk in answer.aiter_bytes():
                read += chunk
                if len(read) > _MOST:
                    raise ValueError("the answer is too long")
        return orjson.loads(read)

    async def close(self) -> None:
        """Closes its connections."""
        await self._client.aclose()


class RemoteClassifier:
    """Says how likely texts are injections, by asking a server."""

    def __init__(self, url: str, settings: ModelSettings) -> None:
        self._server = _Server(url, settings)

    async def read(self, texts: Sequence[str]) -> list[tuple[Opinion, ...]]:
        """One opinion of each text as a whole."""
        answer = await self._server.ask({"texts": [*map(_sendable, texts)]})
        scores = [float(score) for score in answer["scores"]]
        return [
            (Opinion(PROMPT_INJECTION, 0, len(text), score),) if text else ()
            for text, score in zip(texts, scores, strict=True)
        ]

    async def close(self) -> None:
        """Closes its connections."""
        await self._server.close()


class RemoteAnalyzer:
    """Names personal data in texts, by asking Presidio's analyzer."""

    def __init__(self, url: str, settings: ModelSettings) -> None:
        self._server = _Server(url, settings)
        self._language = settings.language

    async def read(self, texts: Sequence[str]) -> list[tuple[Opinion, ...]]:
        """What it finds in each text."""
        return await asyncio.gather(*map(self._read, texts))

    async def close(self) -> None:
        """Closes its connections."""
        await self._server.close()

    async def _read(self, text: str) -> tuple[Opinion, ...]:
        body = {"text": _sendable(text), "language": self._language}
        return tuple(_opinion(one) for one in await self._server.ask(body))


def _opinion(one: dict[str, Any]) -> Opinion:
    return Opinion(str(one["entity_type"]), int(one["start"]), int(one["end"]), float(one["score"]))


def _sendable(text: str) -> str:
    """The text as UTF-8 can say it, character for character."""
    return text.encode("utf-8", "replace").decode()
