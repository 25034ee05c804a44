"""Routes of upstreams' own: what the settings say, and what cannot be one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ConfigurationError, Refusal
from gateway.ingress.target import check_path
from gateway.settings import RouteSettings, Settings, UpstreamSettings, load_settings
from gateway.steps.own_routes import models_of, own_routes
from gateway.wire.formats import ROUTES

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.wire.formats import Route

SETTINGS = """\
upstreams:
  inhouse:
    url: http://127.0.0.1:9000
    routes:
      - path: /generate
        model: my-model
        request_texts: [/prompt, "/history/*/text"]
        response_texts: [/output]
      - {path: "/v2/models/x:predict", model: other, request_texts: [/q], route: predict}
  second:
    url: http://127.0.0.1:9001
    routes: [{path: /score, model: my-model, request_texts: [/q]}]
identity:
  issuers: [{issuer: a, audience: b, jwks_file: k, algorithms: [ES256]}]
policy: {path: policies}
audit: "off"
"""
NO_PATH = "the path is one that no request may have"
NO_NAME = "policies cannot name this route:"
CHAT = "/v1/chat/completions"
AZURE = "/openai/deployments/m/chat/completions"


def load(folder: Path, text: str = SETTINGS) -> Settings:
    (folder / "gateway.yaml").write_text(text)
    return load_settings(folder / "gateway.yaml", {})


def problems(folder: Path, old: str, new: str) -> list[str]:
    assert old in SETTINGS
    with pytest.raises(ConfigurationError) as caught:
        own_routes(load(folder, SETTINGS.replace(old, new)))
    found = caught.value.problems
    return [str(problem).replace(f"{folder / 'gateway.yaml'}:", "") for problem in found]


def shown(route: Route) -> tuple[bytes, str, str | None, str | None]:
    return route.path, route.name, route.model, route.upstream


def test_each_is_a_route_of_its_upstream(tmp_path: Path) -> None:
    routes = own_routes(load(tmp_path))
    assert [shown(route) for route in routes] == [
        (b"/generate", "inhouse.generate", "my-model", "inhouse"),
        (b"/v2/models/x:predict", "predict", "other", "inhouse"),
        (b"/score", "second.score", "my-model", "second"),
    ]
    assert {(one.format.name, one.kind, one.stream, one.methods) for one in routes} == {
        ("json", "generate", False, frozenset({"POST"}))
    }
    assert routes[0].format.read({"prompt": "x"}).model == "my-model"
    assert models_of(routes) == {
        "inhouse.generate": "my-model",
        "predict": "other",
        "second.score": "my-model",
    }


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load(tmp_path_factory.mktemp("settings"))


def with_routes(settings: Settings, *routes: RouteSettings) -> Settings:
    one = UpstreamSettings.model_validate({"url": "http://a", "routes": routes})
    return settings.model_copy(update={"upstreams": {"u": one}})


def test_without_any_there_is_none(settings: Settings) -> None:
    assert own_routes(with_routes(settings)) == ()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("path: /generate", "path: generate", f"5:9: {NO_PATH} (path-form: "),
        ("path: /generate", "path: /a?b=c", f"5:9: {NO_PATH} (path-bytes: "),
        ("path: /generate", 'path: "/m/{model}"', f"5:9: {NO_PATH} (path-bytes: "),
        ("path: /generate", "path: /gén", f"5:9: {NO_PATH} (path-bytes: "),
        ("path: /generate", "path: /a/../b", f"5:9: {NO_PATH} (path-dots: "),
        ("path: /generate", "path: /a//b", f"5:9: {NO_PATH} (path-dots: "),
        ("path: /generate", "path: /%67enerate", f"5:9: {NO_PATH} (path-escape: "),
        ("path: /generate", f"path: /{'a' * 2048}", f"5:9: {NO_PATH} (path-size: "),
        ("path: /generate", "path: /gateway/x", "5:9: the path '/gateway/x' is the gateway's own;"),
        ("path: /generate", "path: /gateway", "5:9: the path '/gateway' is the gateway's own;"),
        ("path: /generate", f"path: {CHAT}", f"5:9: the path '{CHAT}' is one of every gateway;"),
        ("path: /generate", f"path: {AZURE}", f"5:9: the path '{AZURE}' is one of every gateway;"),
        ("path: /score", "path: /generate", "12:15: the path '/generate' stands twice;"),
        ("model: my-model\n", "model: my model\n", "6:9: this is no model's name;"),
        ("route: predict", "route: messages", "9:75: 'messages' is a route of every gateway;"),
        ("route: predict", "route: models", "9:75: 'models' is a route of every gateway;"),
        ("route: predict", "route: second.score", "12:14: another route is 'second.score', too;"),
        ("route: predict", "route: a b", f"9:75: {NO_NAME} 'a b' is no name here;"),
        ("path: /generate", "path: /generate/", f"5:9: {NO_NAME} '' is no name here;"),
        ("path: /generate", "path: /x:y", f"5:9: {NO_NAME} 'inhouse.x:y' is no name here;"),
    ],
)
def test_what_cannot_be_a_route_is_a_sentence_with_its_place(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    (found,) = problems(tmp_path, old, new)
    assert found.startswith(problem)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    found = problems(
        tmp_path, "path: /generate\n        model: my-model", "path: x\n        model: y z"
    )
    assert len(found) == 2


@given(path=st.text(max_size=20))
def test_attack_no_path_is_taken_that_the_guard_would_refuse(settings: Settings, path: str) -> None:
    one = RouteSettings(path=f"/{path}", model="m", request_texts=("/p",), route="x")
    try:
        (route,) = own_routes(with_routes(settings, one))
    except ConfigurationError:
        return
    check_path(route.path)
    assert not route.path.startswith(b"/gateway/")
    assert route.path not in {known.path for known in ROUTES}


def test_the_guard_refuses_what_is_refused_here() -> None:
    with pytest.raises(Refusal):
        check_path(b"/m/{model}")
