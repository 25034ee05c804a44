"""Liveness and readiness, for orchestrators: no token needed, and nothing told but which part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

__all__ = ["Health"]


class Health:
    """Answers from ``parts``: name of a part to a check that gives what is wrong, or None."""

    def __init__(self, parts: Mapping[str, Callable[[], str | None]]) -> None:
        self._parts = parts

    async def live(self, _request: Request) -> Response:
        """200 as long as the process answers at all."""
        return JSONResponse({"status": "ok"})

    async def ready(self, _request: Request) -> Response:
        """200 when requests can be served, else 503 with the failing parts named."""
        failing = sorted(name for name, check in self._parts.items() if check() is not None)
        if failing:
            return JSONResponse({"status": "unavailable", "failing": failing}, 503)
        return JSONResponse({"status": "ok"})
