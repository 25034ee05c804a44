"""What reading a whole body is in every format: one walk over it by the format's own shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.errors import BadRequest, UpstreamError
from gateway.wire.exchange import Exchange
from gateway.wire.leaves import Finder, settings
from gateway.wire.model_name import read_model, read_stream
from gateway.wire.parameters import read_parameters

if TYPE_CHECKING:
    from gateway.wire.leaves import Shape
    from gateway.wire.parameters import Vocabulary

__all__ = ["is_plain", "read_answer_texts", "read_request"]


def read_request(body: Any, shape: Shape, vocabulary: Vocabulary) -> Exchange:
    """Finds model, texts and parameters of a request that has ``messages``.

    Raises:
        BadRequest: It is no object, or a part of it has the wrong type.
    """
    if not isinstance(body, dict):
        raise BadRequest("the body must be an object", message="The body must be an object.")
    found = Finder.request()
    shape(found, body, (), "unknown")
    if not isinstance(body.get("messages"), list):
        raise found.wrong(("messages",), "a list")
    model, stream = read_model(body), read_stream(body)
    parameters = read_parameters(body, found, vocabulary, stream=stream)
    return Exchange(model, stream, tuple(found.texts), body, parameters)


def read_answer_texts(body: Any, shape: Shape) -> Finder:
    """Finds the texts of a whole answer.

    Raises:
        UpstreamError: It is no object, or a part of it has the wrong type.
    """
    if not isinstance(body, dict):
        raise UpstreamError("the answer is not an object")
    found = Finder.answer()
    shape(found, body, (), "answer")
    return found


def is_plain(value: Any) -> bool:
    """Whether a value of an answer is made of settings and ids only, with no text in it."""
    found = Finder.answer()
    settings(found, value, (), "answer")
    return not found.texts
