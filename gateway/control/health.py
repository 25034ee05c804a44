"""Liveness and readiness, for orchestrators: no token needed, and nothing told but which part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import JSONResponse

from gateway.control.access import refusal_response
from gateway.errors import MethodNotAllowed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

__all__ = ["Health"]

_METHODS: Final = ("GET", "HEAD")


class Health:
    """Answers from ``parts``: name of a part to a check that gives what is wrong, or None."""

    def __init__(self, parts: Mapping[str, Callable[[], str | None]]) -> None:
        self._parts = parts

    async def live(self, request: Request) -> Response:
        """200 as long as the process answers at all."""
        if request.method not in _METHODS:
            return _refused()
        return JSONResponse({"status": "ok"})

    async def ready(self, request: Request) -> Response:
        """200 when requests can be served, else 503 with the failing parts named."""
        if request.method not in _METHODS:
            return _refused()
        failing = sorted(name for name, check in self._parts.items() if check() is not None)
        if failing:
            return JSONResponse({"status": "unavailable", "failing": failing}, 503)
        return JSONResponse({"status": "ok"})


def _refused() -> Response:
    response = refusal_response(MethodNotAllowed("health is only asked for"))
    response.headers["allow"] = ", ".join(_METHODS)
    return response
