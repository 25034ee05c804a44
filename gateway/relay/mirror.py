"""Copies of the log's checkpoints in a place that the owner of the store cannot change.

In a folder each is a file ``STORE/DAY/SIZE``, written once: on a disk that only takes new files,
nobody can take a checkpoint back. What the folder holds is the anchor of whoever leads next.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gateway.audit.checkpoint import Checkpoint
from gateway.audit.note import read_note
from gateway.errors import AuditUnavailable, VerificationError
from gateway.relay.outlet import Outlet, Undelivered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.audit.store.tree import Kept

__all__ = ["FolderMirror", "UrlMirror"]

_STORE: Final = re.compile(r"[0-9a-f]{16}", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SIZE: Final = re.compile(r"\d{20}", re.ASCII)
_TYPE: Final = {"content-type": "text/plain; charset=utf-8"}


class FolderMirror:
    """Keeps checkpoints in a folder; a ``publish`` of ``gateway.audit.publishing``.

    Args:
        folder: Where; it must be there, so that a disk that is not mounted is noticed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: Checkpoint | None = None

    def __call__(self, kept: Kept) -> str:
        """Keeps a checkpoint, on the disk when this returns. There are no cosignatures.

        Raises:
            AuditUnavailable: The folder cannot be read.
            Undelivered: It cannot be written, or a larger one is kept.
            VerificationError: Another checkpoint of this size is kept.
        """
        tree = _tree(kept.note)
        store = tree.origin.rpartition("/")[2]
        if not _STORE.fullmatch(store):
            raise VerificationError("the checkpoint names no store")
        if self._kept is None or self._kept.origin != tree.origin:
            found = self.newest(store)
            self._kept = None if found is None else _tree(found)
        if self._kept is None or _follows(tree, self._kept):
            day = f"{datetime.fromtimestamp(kept.time / 1000, UTC):%Y-%m-%d}"
            try:
                self._write(Path(store, day), f"{tree.size:020d}", kept.note)
            except OSError as error:
                raise Undelivered(f"{error.strerror or type(error).__name__}") from None
            self._kept = tree
        return ""

    def newest(self, store: str) -> str | None:
        """The newest checkpoint of a store that is kept, as a signed note.

        Raises:
            AuditUnavailable: The folder cannot be read.
        """
        # A log only grows, so its newest checkpoint is the largest one of its last day.
        return next((note for _, note in self.days(store)), None)

    def days(self, store: str) -> Iterator[tuple[str, str]]:
        """The last checkpoint of each day that is kept of a store, newest first, with its day.

        Raises:
            AuditUnavailable: The folder cannot be read.
        """
        try:
            os.stat(self._folder)  # noqa: PTH116 - raises where there is none
            for day in reversed(_named(self._folder / store, _DAY)):
                for path in _named(day, _SIZE)[-1:]:
                    yield day.name, path.read_text()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "a file is damaged"
            raise AuditUnavailable(f"the mirror of checkpoints cannot be read: {why}") from None

    def _write(self, inner: Path, name: str, note: str) -> None:
        os.stat(self._folder)  # noqa: PTH116 - raises where there is none
        folder = self._folder
        for part in inner.parts:
            above, folder = folder, folder / part
            if not folder.is_dir():
                folder.mkdir(mode=0o755, exist_ok=True)
                _sync(above)
        temporary = folder / f".{name}.{os.getpid()}"
        temporary.unlink(missing_ok=True)
        with temporary.open("x", encoding="utf-8") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        try:
            # Unlike a rename, this never replaces what is there.
            os.link(temporary, folder / name)
        except FileExistsError:
            if not _same(_tree((folder / name).read_text()), _tree(note)):
                raise _forked(_tree(note).size) from None
        finally:
            temporary.unlink(missing_ok=True)
        _sync(folder)


class UrlMirror:
    """Posts checkpoints to a URL; a ``publish`` of ``gateway.audit.publishing``."""

    def __init__(self, url: str, deadline: float) -> None:
        self._outlet = Outlet(url, deadline)

    def __call__(self, kept: Kept) -> str:
        """Posts a checkpoint. There are no cosignatures.

        Raises:
            Undelivered: The receiver did not answer with a status of 200 to 299.
        """
        answer = self._outlet.post(kept.note.encode(), _TYPE)
        if not answer.ok:
            raise Undelivered(f"the receiver refuses with status {answer.status}")
        return ""

    def close(self) -> None:
        """Closes its connections."""
        self._outlet.close()


def _follows(tree: Checkpoint, kept: Checkpoint) -> bool:
    """Whether a checkpoint is newer than the one that is kept.

    Raises:
        Undelivered: It is older. Whether the log was cut off is for the next leader to see, for
            whom what is kept is the anchor.
        VerificationError: It contradicts it.
    """
    if tree.size < kept.size:
        raise Undelivered(f"a checkpoint of {kept.size} records is kept, this has {tree.size}")
    if tree.size == kept.size and not _same(tree, kept):
        raise _forked(tree.size)
    return tree.size > kept.size


def _same(one: Checkpoint, other: Checkpoint) -> bool:
    return (one.origin, one.size, one.root) == (other.origin, other.size, other.root)


def _forked(size: int) -> VerificationError:
    return VerificationError(f"another checkpoint of {size} records is kept: the log was forked")


def _tree(note: str) -> Checkpoint:
    return Checkpoint.parse(read_note(note, ()).text)


def _named(folder: Path, names: re.Pattern[str]) -> list[Path]:
    """What is called so in a folder, in order; nothing where there is no folder."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if names.fullmatch(path.name))


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
