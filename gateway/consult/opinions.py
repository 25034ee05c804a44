"""What a model says of texts, and how it is asked: with a deadline, and not when it is lost.

What it said of a text is remembered by the text's keyed hash; no text is kept.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from hashlib import blake2b
from secrets import token_bytes
from typing import TYPE_CHECKING, Final, Literal, Protocol

from gateway.errors import GatewayError
from gateway.state.circuit import Circuit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.terms import Opinion

__all__ = ["Consultant", "ConsultantLost", "Model", "Why"]

_REMEMBERED: Final = 16_384
Why = Literal["timeout", "error"]


class ConsultantLost(GatewayError):
    """A model did not say what it makes of some texts.

    Attributes:
        why: Whether it took too long or failed.
    """

    def __init__(self, why: Why) -> None:
        super().__init__(f"a model that scanners ask did not answer: {why}")
        self.why: Why = why


class Model(Protocol):
    """Something that reads texts."""

    async def read(self, texts: Sequence[str]) -> Sequence[tuple[Opinion, ...]]:
        """What it makes of each of some texts; any exception means that it cannot say."""

    async def close(self) -> None:
        """Lets go of connections."""


class Consultant:
    """A model, asked within bounds.

    Args:
        model: The model.
        deadline: Seconds that all texts of one call may take.
        concurrent: How many calls it gets at the same time; others wait within their deadline.
    """

    def __init__(self, model: Model, deadline: float, concurrent: int) -> None:
        self._model = model
        self._deadline = deadline
        self._free = asyncio.Semaphore(concurrent)
        self._circuit = Circuit()
        self._key = token_bytes(32)
        self._known: OrderedDict[bytes, tuple[Opinion, ...]] = OrderedDict()

    async def read(self, texts: Sequence[str]) -> list[tuple[Opinion, ...]]:
        """What it makes of each of some texts.

        Raises:
            ConsultantLost: It took too long, failed, or has failed too often of late.
        """
        names = [self._name(text) for text in texts]
        missing = {name: text for name, text in zip(names, texts, strict=True)
                   if name not in self._known}  # fmt: skip
        found = {name: self._known[name] for name in names if name in self._known}
        if missing:
            said = await self._ask(list(missing.values()))
            found |= zip(missing, said, strict=True)
            self._remember(found)
        return [found[name] for name in names]

    async def close(self) -> None:
        """Lets go of connections."""
        await self._model.close()

    async def _ask(self, texts: Sequence[str]) -> Sequence[tuple[Opinion, ...]]:
        if not self._circuit.admits():
            raise ConsultantLost("error")
        try:
            async with asyncio.timeout(self._deadline), self._free:
                said = await self._model.read(texts)
        except TimeoutError:
            self._circuit.failed()
            raise ConsultantLost("timeout") from None
        except Exception:  # noqa: BLE001 - whatever a model does, the policy decides; no words of it
            self._circuit.failed()
            raise ConsultantLost("error") from None
        if len(said) != len(texts) or not all(map(_fits, said, texts)):
            self._circuit.failed()
            raise ConsultantLost("error")
        self._circuit.succeeded()
        return said

    def _remember(self, found: dict[bytes, tuple[Opinion, ...]]) -> None:
        for name, said in found.items():
            self._known[name] = said
            self._known.move_to_end(name)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def _name(self, text: str) -> bytes:
        data = text.encode("utf-8", "surrogatepass")
        return blake2b(data, key=self._key, digest_size=16).digest()


def _fits(said: Sequence[Opinion], text: str) -> bool:
    """Whether a model speaks of what is there, in numbers that mean something."""
    return all(0 <= one.start < one.end <= len(text) and 0 <= one.score <= 1 for one in said) or (
        not text and not said
    )
