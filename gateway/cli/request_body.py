"""Request bodies from files: which API they speak, and what they ask for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from gateway.document import suggestion
from gateway.errors import BadRequest, ConfigurationError, Place, Problem
from gateway.ingress.strict_json import loads
from gateway.wire.formats import ROUTES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gateway.wire.exchange import Exchange
    from gateway.wire.formats import Route

__all__ = ["READABLE", "json_object", "read_body", "read_file", "read_request"]

READABLE: Final[Mapping[str, Route]] = {
    route.name: route for route in ROUTES.values() if route.kind == "generate"
}
"""The routes whose bodies this version reads, by their names in policies."""

_ALWAYS_STATED: Final[Mapping[str, str]] = {"messages": "max_tokens"}
"""What the API of a route asks of every body."""


def read_file(file: Path) -> bytes:
    """The bytes of a file, or of standard input for ``-``.

    Raises:
        ConfigurationError: It cannot be read.
    """
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        problem = Problem(Place(str(file)), f"cannot be read: {error.strerror}")
        raise ConfigurationError(problem) from None


def read_request(file: Path, route: str | None) -> tuple[Route, Exchange]:
    """A request body from a file; without a route, by its shape.

    Raises:
        ConfigurationError: It is no body of that route, or of no route or several.
    """
    place = Place("<stdin>" if str(file) == "-" else str(file))
    try:
        body = json_object(read_file(file))
        found = _by_shape(body, place) if route is None else _readable(route)
        return found, read_body(found, body)
    except BadRequest as error:
        raise ConfigurationError(Problem(place, error.reason)) from None


def json_object(data: bytes) -> dict[str, Any]:
    """A body as the gateway takes it: one JSON object, which all parsers read alike.

    Raises:
        BadRequest: It is none.
    """
    body = loads(data)
    if not isinstance(body, dict):
        raise BadRequest("the body is no JSON object")
    return body


def read_body(route: Route, body: Mapping[str, Any]) -> Exchange:
    """What a body of a route asks for.

    Raises:
        BadRequest: It is no body of this route.
    """
    return route.format.read(body)


def _readable(route: str) -> Route:
    if route not in READABLE:
        raise ConfigurationError(
            Problem(Place(f"--route {route}"), "has no bodies that this version reads",
                    suggestion(route, sorted(READABLE)))
        )  # fmt: skip
    return READABLE[route]


def _by_shape(body: Mapping[str, Any], place: Place) -> Route:
    """The only route whose API takes this body, in its own words alone."""
    fitting = [route for name, route in READABLE.items() if _fits(name, route, body)]
    if len(fitting) == 1:
        return fitting[0]
    names = ", ".join(route.name for route in fitting)
    message = f"the body may be of {names}" if fitting else "the body is of no known API"
    raise ConfigurationError(Problem(place, message, "say which with --route"))


def _fits(name: str, route: Route, body: Mapping[str, Any]) -> bool:
    if name in _ALWAYS_STATED and _ALWAYS_STATED[name] not in body:
        return False
    try:
        return not read_body(route, body).parameters.foreign
    except BadRequest:
        return False
