"""Errors in Google's words, each as the SDK's own exception."""

from __future__ import annotations

import json

import pytest
from google import genai
from google.genai import errors

from gateway.demo.model_server import demo_app
from gateway.demo.reply import DemoReply
from gateway.demo.running import serve
from gateway.wire.gemini_error import error_object


@pytest.mark.parametrize(
    ("status", "word", "raised"),
    [
        (400, "INVALID_ARGUMENT", errors.ClientError),
        (401, "UNAUTHENTICATED", errors.ClientError),
        (403, "PERMISSION_DENIED", errors.ClientError),
        (404, "NOT_FOUND", errors.ClientError),
        (405, "INVALID_ARGUMENT", errors.ClientError),
        (413, "INVALID_ARGUMENT", errors.ClientError),
        (429, "RESOURCE_EXHAUSTED", errors.ClientError),
        (500, "INTERNAL", errors.ServerError),
        (502, "UNAVAILABLE", errors.ServerError),
        (503, "UNAVAILABLE", errors.ServerError),
        (504, "DEADLINE_EXCEEDED", errors.ServerError),
    ],
)
def test_errors_are_what_the_sdk_raises(
    status: int, word: str, raised: type[errors.APIError]
) -> None:
    body = error_object(status, "a_code", "A message.", "0190")
    app = demo_app(lambda _: DemoReply(raw=(json.dumps(body).encode(),), status=status))
    with serve(app) as url:
        client = genai.Client(api_key="x", http_options={"base_url": url})
        with pytest.raises(raised) as caught:
            client.models.generate_content(model="m", contents="x")
        client.close()
    error = caught.value
    assert (error.code, error.status, error.message) == (status, word, "A message.")
    (info,) = error.details["error"]["details"]
    assert info["reason"] == "A_CODE"
    assert info["metadata"] == {"code": "a_code", "request": "0190"}


def test_a_request_without_an_id_has_none() -> None:
    info = error_object(500, "c", "m", "")["error"]["details"][0]
    assert info["metadata"] == {"code": "c"}
