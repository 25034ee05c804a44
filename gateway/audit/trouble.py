"""What keeps a log's threads from their work, in words: at once where the tree is not as signed."""

from __future__ import annotations

import contextlib
import math
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gateway.errors import AuditUnavailable, GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Trouble"]

TOLERATED: Final = 10.0
"""Seconds of failures before they are a problem: a locked store is nothing to wake somebody for."""


class Trouble:
    """Keeps what is wrong, and tells each once, or again while it lasts.

    Args:
        on_incident: Told in one sentence.
        failing: What it means that tries fail, in words.
        again: Seconds after which failures that last are told again.
        on_over: Called when a try has worked after failures that were told.
    """

    def __init__(
        self,
        on_incident: Callable[[str], None] | None,
        failing: str = "the log's tree does not grow",
        again: float = math.inf,
        on_over: Callable[[], None] | None = None,
    ) -> None:
        self._on_incident, self._meaning = on_incident, failing
        self._again, self._on_over = again, on_over
        self._wrong: str | None = None
        self._failing: tuple[str, float] | None = None
        self._told: float | None = None

    @property
    def now(self) -> bool:
        """Whether the last try failed."""
        return self._wrong is not None or self._failing is not None

    @property
    def problem(self) -> str | None:
        """What is wrong, once it is wrong enough."""
        if self._wrong is not None:
            return self._wrong
        failing = self._failing
        if failing is not None and time.monotonic() - failing[1] > TOLERATED:
            return failing[0]
        return None

    def over(self) -> None:
        """A try has worked."""
        told, self._told = self._told, None
        self._wrong = self._failing = None
        if told is not None and self._on_over is not None:
            with contextlib.suppress(Exception):
                self._on_over()

    def wrong(self, sentence: str) -> None:
        """The store does not hold what was signed."""
        if sentence != self._wrong:
            self._report(f"the log's tree is not what was signed: {sentence}")
        self._wrong = sentence

    def failed(self, error: Exception) -> None:
        """A try has failed; what goes on for long is an incident."""
        if isinstance(error, AuditUnavailable):
            reason = error.reason
        else:
            reason = str(error) if isinstance(error, GatewayError) else _unexpected(error)
        now = time.monotonic()
        since = self._failing[1] if self._failing else now
        self._failing = (reason, since)
        if now - since > TOLERATED and (self._told is None or now - self._told >= self._again):
            self._told = now
            self._report(f"{self._meaning}: {reason}")

    def _report(self, sentence: str) -> None:
        if self._on_incident is not None:
            with contextlib.suppress(Exception):
                self._on_incident(sentence)


def _unexpected(error: Exception) -> str:
    """The type and the place of an error; its words may be anything."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"unexpected {type(error).__name__}{place}"
