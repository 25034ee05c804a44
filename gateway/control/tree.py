"""The log's tree over HTTP: checkpoints and tiles of hashes for everybody, entries for auditors.

The paths and types are those of c2sp.org/tlog-tiles. Hashes say nothing of records; entries are
clear headers, and proofs hold one, so both need ``audit.read`` and are recorded as reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from gateway.audit.stored_tree import newest_checkpoint, prove, tile_of
from gateway.audit.tiles import ENTRIES, Tile
from gateway.errors import AuditUnavailable, NotFound, VerificationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Never

    from starlette.requests import Request

    from gateway.audit.log_keys import LogKeys
    from gateway.audit.reading import Reading
    from gateway.control.access import Caller

__all__ = ["TreeViews"]

_TEXT: Final = "text/plain; charset=utf-8"
_BYTES: Final = "application/octet-stream"
_FOR_EVER: Final = {"cache-control": "public, max-age=31536000, immutable"}
_BRIEFLY: Final = {"cache-control": "public, max-age=1"}
_NEVER: Final = {"cache-control": "no-store"}
_AT_ONCE: Final = 2
"""Readers without a token may keep this many threads busy."""


class TreeViews:
    """The endpoints of the tree.

    Args:
        reading: Who reads the log; None where there is none.
        record: Records a caller's read.
        keys: Whose signature a checkpoint must have before it is shown; None where there is no log.
    """

    def __init__(
        self,
        reading: Reading | None,
        record: Callable[[Request, Caller], Awaitable[None]],
        keys: LogKeys | None = None,
    ) -> None:
        self._reading, self._record, self._keys = reading, record, keys
        self._public = None if reading is None else reading.narrowed(_AT_ONCE)

    async def checkpoint(self, _request: Request) -> Response:
        """The newest signed checkpoint."""
        note = await _there(self._public)(newest_checkpoint, self._keys)
        if note is None:
            _nothing("no checkpoint was signed yet")
        return Response(note, media_type=_TEXT, headers=_BRIEFLY)

    async def tile(self, request: Request) -> Response:
        """A tile of hashes."""
        tile = Tile.parse(request.path_params["path"])
        if tile is None or tile.level is None:
            _nothing("no tile of hashes has this path")
        hashes = await _there(self._public)(tile_of, tile)
        if hashes is None:
            _nothing("no checkpoint covers this tile")
        return Response(hashes, media_type=_BYTES, headers=_FOR_EVER)

    async def entries(self, request: Request, caller: Caller) -> Response:
        """A tile of entries."""
        await self._record(request, caller)
        tile = Tile.parse(f"{ENTRIES}/{request.path_params['path']}")
        found = None if tile is None else await _there(self._reading)(tile_of, tile)
        if found is None:
            _nothing("no checkpoint covers these entries, or they are gone")
        return Response(found, media_type=_BYTES, headers=_NEVER)

    async def proof(self, request: Request, caller: Caller) -> Response:
        """The proof that one event stands in the log."""
        await self._record(request, caller)
        try:
            proof = await _there(self._reading)(prove, request.path_params["id"], self._keys)
        except LookupError:
            raise NotFound(
                "no event has this id", message="There is no event with this id."
            ) from None
        except VerificationError as error:
            raise AuditUnavailable(f"no proof: {error}") from None
        if proof is None:
            message = "No checkpoint covers this event yet: ask again in a second."
            raise NotFound("no checkpoint covers this event yet", message=message)
        return Response(proof.text, media_type=_TEXT, headers=_NEVER)


def _there(reading: Reading | None) -> Reading:
    if reading is None:
        raise NotFound("the audit log is off", message="The audit log is off.")
    return reading


def _nothing(reason: str) -> Never:
    raise NotFound(reason)
