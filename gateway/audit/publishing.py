"""Shows checkpoints to somebody outside: a witness that cosigns them, or a mirror that keeps them.

Each of those has a ``Publisher``, a thread of its own, so that one who is slow or dead holds up
neither the log nor the others. Only the newest checkpoint is shown: it stands for all before it.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gateway.audit.note import read_note
from gateway.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.store.tree import Kept

__all__ = ["Cosignatures", "Publisher"]

_KEPT: Final = 64
_LONGEST: Final = 30.0


class Cosignatures:
    """Cosignatures that came in and are to be stored; safe from any thread.

    Those of the last checkpoints are kept in mind, because more of them may come.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._notes: dict[int, Kept] = {}
        self._waiting: set[int] = set()

    def add(self, kept: Kept, lines: str) -> None:
        """Adds signature lines to a checkpoint that was stored.

        Raises:
            VerificationError: They are no signature lines.
        """
        read_note(kept.note + lines, [])
        with self._lock:
            before = self._notes.pop(kept.number, kept)
            self._notes[kept.number] = replace(before, note=before.note + lines)
            self._waiting.add(kept.number)
            for number in list(self._notes)[:-_KEPT]:
                self._waiting.discard(number)
                del self._notes[number]

    def waiting(self) -> list[Kept]:
        """Checkpoints with cosignatures that are not stored yet."""
        with self._lock:
            return [self._notes[number] for number in sorted(self._waiting)]

    def stored(self, kept: list[Kept]) -> None:
        """Those are stored now, as they were given by ``waiting``."""
        with self._lock:
            for one in kept:
                if self._notes.get(one.number) is one:
                    self._waiting.discard(one.number)


class Publisher:
    """Shows each newest checkpoint to one outside.

    Args:
        name: Who it is, for threads and problems.
        publish: Shows one checkpoint, in a deadline of its own, and gives the signature lines
            that came back, none where there are none.
        cosign: Told of the lines.
        pace: Seconds between two checkpoints, at least; doubled with each failure, up to 30.
        close: Closes what ``publish`` has open, in the thread that showed with it.
    """

    def __init__(
        self,
        name: str,
        publish: Callable[[Kept], str],
        cosign: Callable[[Kept, str], None],
        pace: float = 1.0,
        close: Callable[[], None] | None = None,
    ) -> None:
        self._name, self._publish, self._cosign, self._pace = name, publish, cosign, pace
        self._close = close
        self._newest: Kept | None = None
        self._problem: str | None = None
        self._offered, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"audit-{name}", daemon=True)
        self._thread.start()

    @property
    def problem(self) -> str | None:
        """Why the newest checkpoint is not shown, in words; None where it is."""
        return self._problem

    def offer(self, kept: Kept) -> None:
        """A checkpoint is stored; one of ``Sequencer.listeners``."""
        self._newest = kept
        self._offered.set()

    def stop(self, seconds: float) -> None:
        """Shows what is left, if that goes at once; waits no longer than that."""
        self._stopping.set()
        self._offered.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            self._show_each()
        finally:
            if self._close is not None:
                self._close()

    def _show_each(self) -> None:
        pause, shown = self._pace, 0
        while True:
            last = self._stopping.is_set()
            kept = self._newest
            if kept is not None and kept.number != shown:
                if self._show(kept):
                    pause, shown = self._pace, kept.number
                else:
                    pause = min(2 * pause, _LONGEST)
            if last:
                return
            if kept is not None:
                self._stopping.wait(pause)
            if self._problem is None:
                self._offered.wait()
                self._offered.clear()

    def _show(self, kept: Kept) -> bool:
        try:
            lines = self._publish(kept)
            if lines:
                self._cosign(kept, lines)
        except GatewayError as error:
            self._problem = f"{self._name}: {error}"
        except Exception as error:  # noqa: BLE001 - the thread must outlive whatever fails in it
            self._problem = f"{self._name}: unexpected {type(error).__name__}"
        else:
            self._problem = None
        return self._problem is None
