"""The routes that upstreams have of their own, from the settings."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gateway.errors import BadRequest, ConfigurationError, Problem, TooLarge
from gateway.ingress.target import check_path
from gateway.policy.model import ROUTES as POLICY_ROUTES
from gateway.policy.names import check_name
from gateway.wire.formats import ROUTES, Route, Router
from gateway.wire.model_name import is_model
from gateway.wire.own_json import OwnJson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gateway.settings import RouteSettings, Settings

__all__ = ["models_of", "own_routes"]

_CONTROL: Final = "/gateway/"
_BUILT_IN: Final = Router()
_NAMES: Final = frozenset({*POLICY_ROUTES, *(route.name for route in ROUTES)})


def own_routes(settings: Settings) -> tuple[Route, ...]:
    """The routes of all upstreams, in the order of the file.

    Raises:
        ConfigurationError: With every path, model and name that cannot be a route's, and its place.
    """
    routes: list[Route] = []
    problems: list[Problem] = []
    for upstream, one in settings.upstreams.items():
        for index, declared in enumerate(one.routes):
            route = _route(upstream, declared)
            problems += _problems(settings, index, route, routes)
            routes.append(route)
    if problems:
        raise ConfigurationError(problems)
    return tuple(routes)


def models_of(routes: Iterable[Route]) -> Mapping[str, str]:
    """Per name of a route of its own the only model that it is asked for."""
    return MappingProxyType({route.name: route.model for route in routes if route.model})


def _route(upstream: str, declared: RouteSettings) -> Route:
    last = declared.path.rpartition("/")[2]
    return Route(
        path=declared.path.encode("utf-8"),
        name=declared.route or (f"{upstream}.{last}" if last else ""),
        format=OwnJson(declared.model, declared.request_texts, declared.response_texts),
        stream=False,
        model=declared.model,
        upstream=upstream,
    )


def _problems(
    settings: Settings, index: int, route: Route, earlier: Iterable[Route]
) -> Iterator[Problem]:
    wrong = {"path": _wrong_path(route, earlier), "model": _wrong_model(route)}
    if not any(wrong["path"]):
        # Its name may be made from its path.
        wrong["route"] = _wrong_name(route, earlier)
    for key, (message, advice) in wrong.items():
        if message:
            place = settings.place("upstreams", route.upstream or "", "routes", index, key)
            yield Problem(place, message, advice)


def _wrong_path(route: Route, earlier: Iterable[Route]) -> tuple[str, str]:
    path = route.path.decode()
    try:
        check_path(route.path)
    except (BadRequest, TooLarge) as refusal:
        return f"the path is one that no request may have ({refusal.reason})", "write another"
    if f"{path}/".startswith(_CONTROL):
        return f"the path {path!r} is the gateway's own", f"what begins with {_CONTROL} is"
    if _BUILT_IN.find(route.path) is not None:
        return f"the path {path!r} is one of every gateway", "give the endpoint another path"
    if any(one.path == route.path for one in earlier):
        return f"the path {path!r} stands twice", "each path leads to one upstream"
    return "", ""


def _wrong_model(route: Route) -> tuple[str, str]:
    if route.model is not None and is_model(route.model):
        return "", ""
    return "this is no model's name", "letters, digits and . _ : / @ + -, at most 256"


def _wrong_name(route: Route, earlier: Iterable[Route]) -> tuple[str, str]:
    try:
        check_name(route.name)
    except ValueError as error:
        return f"policies cannot name this route: {error}", "give it a name with route:"
    if route.name in _NAMES:
        return f"{route.name!r} is a route of every gateway", "give it another name with route:"
    if any(one.name == route.name for one in earlier):
        message = f"another route is {route.name!r}, too"
        return message, "give one of them another name with route:"
    return "", ""
