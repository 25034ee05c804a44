"""The policy in force, kept up to date with its files.

File events only say *when* to look; whether something changed is read from the files' states. So
a change is seen at the latest after ``poll`` seconds, also where no events are to be had: after
the folder was deleted and made again, behind symbolic links that are swapped (Kubernetes'
``..data``), and on network file systems.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from watchfiles import awatch

from gateway.errors import ConfigurationError, Place, Problem
from gateway.policy.bundle_files import MANIFEST, SIGNATURE
from gateway.policy.sources import digest_of, find_files, read_any
from gateway.policy.word_files import SUFFIX

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

__all__ = ["Loaded", "PolicyStore", "Refused"]

T = TypeVar("T")
_States = tuple[tuple[str, int, int, int], ...]
_SETTLE_MS: Final = 200
_STEP_MS: Final = 50
_DEBOUNCE_MS: Final = 1000


@dataclass(frozen=True, slots=True)
class Loaded(Generic[T]):
    """A policy came into force at ``time`` (UTC)."""

    time: datetime
    value: T


@dataclass(frozen=True, slots=True)
class Refused:
    """A policy was refused at ``time`` (UTC); ``digest`` names it where its files can be read."""

    time: datetime
    problems: tuple[Problem, ...]
    digest: str | None


class PolicyStore(Generic[T]):
    """Holds what was built from the policy files last, and replaces it in one step.

    Args:
        path: The policy's file or folder.
        build: Loads, checks, compiles and tests; runs in a thread but for the first time.
        poll: Seconds after which the files are looked at without any event.

    Raises:
        ConfigurationError: The policy is wrong from the start.
    """

    def __init__(self, path: Path, build: Callable[[], T], *, poll: float = 5.0) -> None:
        self._path = path.absolute()
        self._build = build
        self._poll_ms = round(poll * 1000)
        self._seen = _states(self._path)
        self.current: T = build()
        self.loaded_at = datetime.now(UTC)
        self.refused: Refused | None = None

    async def watch(self, on_change: Callable[[Loaded[T] | Refused], Awaitable[None]]) -> None:
        """Follows the files until it is cancelled.

        Args:
            on_change: Told of every policy that came into force or was refused, after it is so.
                What it raises ends the watch.
        """
        while True:
            if await asyncio.to_thread(_states, self._path) != self._seen:
                self._seen = await self._settled()
                await on_change(await self.reload())
            else:
                await self._event()

    async def reload(self) -> Loaded[T] | Refused:
        """Builds the policy anew; what is wrong is refused, and the last good one stays."""
        try:
            value = await asyncio.to_thread(self._build)
        except ConfigurationError as error:
            return await self._refuse(error.problems)
        except Exception as error:  # noqa: BLE001 - a fault in a build must not end the watch
            message = f"could not be loaded: {type(error).__name__}"
            return await self._refuse((Problem(Place(str(self._path)), message),))
        self.current, self.loaded_at, self.refused = value, datetime.now(UTC), None
        return Loaded(self.loaded_at, value)

    async def _refuse(self, problems: tuple[Problem, ...]) -> Refused:
        digest = await asyncio.to_thread(_digest, self._path)
        self.refused = Refused(datetime.now(UTC), problems, digest)
        return self.refused

    async def _settled(self) -> _States:
        """The files' states once they stop changing: half an update is no policy."""
        states = await asyncio.to_thread(_states, self._path)
        while True:
            await asyncio.sleep(_SETTLE_MS / 1000)
            before, states = states, await asyncio.to_thread(_states, self._path)
            if states == before:
                return states

    async def _event(self) -> None:
        """Waits for an event at the policy's path, or until it is time to look anyway."""
        watched = [place for place in (self._path, self._path.parent) if place.exists()]
        if not watched:
            await asyncio.sleep(self._poll_ms / 1000)
            return
        events = awatch(
            *watched,
            # Behind symbolic links events come by other paths: any of them is a cause to look.
            watch_filter=None,
            debounce=_DEBOUNCE_MS,
            step=_STEP_MS,
            rust_timeout=self._poll_ms,
            yield_on_timeout=True,
            recursive=False,
        )
        try:
            async with aclosing(events):
                await anext(events)
        except OSError:
            # The folder went away between looking and watching.
            await asyncio.sleep(_SETTLE_MS / 1000)


def _states(path: Path) -> _States:
    """Names, inodes, times of change and sizes of all that may be a policy file."""
    try:
        files = _files(path) if path.is_dir() else [path, *_lists(path.parent)]
        return tuple(_state(file) for file in files)
    except OSError:
        return ()


def _files(folder: Path) -> list[Path]:
    signed = (folder / name for name in (MANIFEST, SIGNATURE))
    rules = sorted(folder.glob("*.y*ml"))
    return [*rules, *_lists(folder), *(file for file in signed if file.exists())]


def _lists(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SUFFIX}"))


def _state(file: Path) -> tuple[str, int, int, int]:
    try:
        stat = file.stat()
    except OSError:
        return file.name, 0, 0, 0
    return file.name, stat.st_ino, stat.st_ctime_ns, stat.st_size


def _digest(path: Path) -> str | None:
    try:
        return digest_of(read_any(file) for file in find_files([path]))
    except ConfigurationError:
        return None
