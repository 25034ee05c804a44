from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from gateway.consult.remote import RemoteAnalyzer, RemoteClassifier
from gateway.demo.running import serve
from gateway.model_settings import ModelSettings
from gateway.terms import Opinion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

SEEN: list[tuple[Any, str | None]] = []


async def classify(request: Request) -> Response:
    body = await request.json()
    SEEN.append((body, request.headers.get("x-key")))
    return JSONResponse({"scores": [0.9 if "bad" in text else 0.1 for text in body["texts"]]})


async def analyze(request: Request) -> Response:
    body = await request.json()
    at = body["text"].find("Ada")
    found = {"entity_type": "PERSON", "start": at, "end": at + 3, "score": 0.85, "more": 1}
    return JSONResponse([found] if at >= 0 and body["language"] == "de" else [])


async def broken(_request: Request) -> Response:
    return JSONResponse({"scores": [0.5]}, status_code=500)


async def endless(_request: Request) -> Response:
    return Response(b" " * (5 * 2**20), media_type="application/json")


async def moved(_request: Request) -> Response:
    return RedirectResponse("/classify", 307)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    paths = {"classify": classify, "analyze": analyze, "broken": broken, "endless": endless,
             "moved": moved}  # fmt: skip
    routes = [Route(f"/{path}", one, methods=["POST"]) for path, one in paths.items()]
    with serve(Starlette(routes=routes)) as url:
        yield url


def settings(url: str, **more: Any) -> ModelSettings:
    return ModelSettings.model_validate({"classifier_url": url, "deadline": "5s", **more})


async def test_scores_in_the_order_of_the_texts(server: str) -> None:
    url = f"{server}/classify"
    model = RemoteClassifier(url, settings(url, credential={"header": "X-Key", "value": "k1"}))
    bad, good, none = await model.read(["a bad text", "\ud800 fine", ""])
    assert bad == (Opinion("PROMPT_INJECTION", 0, 10, 0.9),)
    assert good == (Opinion("PROMPT_INJECTION", 0, 6, 0.1),)
    assert none == ()
    assert SEEN[-1] == ({"texts": ["a bad text", "? fine", ""]}, "k1")
    await model.close()


async def test_presidios_analyzer_is_asked_text_by_text(server: str) -> None:
    url = f"{server}/analyze"
    given = ModelSettings.model_validate({"analyzer_url": url, "language": "de"})
    model = RemoteAnalyzer(url, given)
    assert await model.read(["I am Ada", "nobody"]) == [(Opinion("PERSON", 5, 8, 0.85),), ()]
    await model.close()


@pytest.mark.parametrize("path", ["broken", "endless", "moved", "missing"])
async def test_what_is_no_answer_is_an_error(server: str, path: str) -> None:
    url = f"{server}/{path}"
    model = RemoteClassifier(url, settings(url))
    with pytest.raises(ValueError, match=r"status|long"):
        await model.read(["a"])
    await model.close()
