"""Request bodies from files: which API they speak, and what they ask for."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from gateway.document import suggestion
from gateway.errors import BadRequest, ConfigurationError, Place, Problem
from gateway.ingress.strict_json import loads
from gateway.wire.exchange import IN_BODY, Target
from gateway.wire.formats import ROUTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from gateway.wire.exchange import Exchange
    from gateway.wire.formats import Route

__all__ = ["READABLE", "json_object", "read_body", "read_file", "read_request", "readable"]

READABLE: Final = tuple(route for route in ROUTES if route.kind == "generate")
"""The routes whose bodies every gateway reads."""

_ALWAYS_STATED: Final[Mapping[str, str]] = {"messages": "max_tokens", "completions": "prompt"}
"""What the API of a route asks of every body."""

_OLLAMAS: Final = frozenset({"options", "keep_alive", "think", "format", "raw", "template"})
_TELLING: Final[Mapping[str, frozenset[str]]] = {
    "ollama.chat": _OLLAMAS,
    "ollama.generate": _OLLAMAS,
}
"""A body that may be of another API as well is taken for that, unless it says one of these."""


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


def read_request(
    file: Path, route: str | None, model: str | None = None, own: Iterable[Route] = ()
) -> tuple[Route, Exchange]:
    """A request body from a file; without a route, by its shape.

    Args:
        file: Where it stands; ``-`` is standard input.
        route: The route's name in policies.
        model: The model, for an API whose path names it.
        own: Routes that upstreams have of their own; they are known by their names only.

    Raises:
        ConfigurationError: It is no body of that route, or of no route or several.
    """
    place = Place("<stdin>" if str(file) == "-" else str(file))
    try:
        body = json_object(read_file(file))
        target = Target(model)
        routes = READABLE if route is None else _named(route, own)
        found = _by_shape(routes, body, target, place)
        return found, read_body(found, body, target)
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


def read_body(route: Route, body: Mapping[str, Any], target: Target = IN_BODY) -> Exchange:
    """What a body of a route asks for.

    Raises:
        BadRequest: It is no body of this route.
    """
    return route.format.read(body, replace(target, stream=route.stream))


def readable(
    name: str, wire: str, own: Iterable[Route] = (), *, stream: bool | None = None
) -> Route:
    """The route of that name that speaks the format of that name.

    Args:
        name: The route's name in policies.
        wire: The format's name in records.
        own: Routes that upstreams have of their own.
        stream: Whether a stream was asked for, where the path says it; None if that is not known.

    Raises:
        KeyError: This version reads none.
    """
    for route in (*READABLE, *own):
        fits = stream is None or route.stream in {None, stream}
        if fits and route.name == name and route.format.name == wire:
            return route
    raise KeyError(name)


def _named(name: str, own: Iterable[Route]) -> tuple[Route, ...]:
    routes = (*READABLE, *own)
    found = tuple(route for route in routes if route.name == name)
    if not found:
        names = sorted({route.name for route in routes})
        problem = "has no bodies that this version reads"
        raise ConfigurationError(
            Problem(Place(f"--route {name}"), problem, suggestion(name, names))
        )
    return found


def _by_shape(
    routes: Sequence[Route], body: Mapping[str, Any], target: Target, place: Place
) -> Route:
    """The only one of some routes whose API takes this body, in its own words alone.

    Of several that share a name, the first that takes it: the policy knows them by that name.
    """
    if len({route.name for route in routes}) == 1:
        return next((one for one in routes if _fits(one, body, target)), routes[0])
    fitting = [route for route in routes if _fits(route, body, target)]
    names = list(dict.fromkeys(route.name for route in fitting))
    if len(names) == 1:
        return fitting[0]
    message = f"the body may be of {', '.join(names)}" if names else "the body is of no known API"
    raise ConfigurationError(Problem(place, message, "say which with --route"))


def _fits(route: Route, body: Mapping[str, Any], target: Target) -> bool:
    if route.name in _ALWAYS_STATED and _ALWAYS_STATED[route.name] not in body:
        return False
    if route.name in _TELLING and _TELLING[route.name].isdisjoint(body):
        return False
    try:
        return not read_body(route, body, target).parameters.foreign
    except BadRequest:
        return False
