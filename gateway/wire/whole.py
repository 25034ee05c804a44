"""What reading a whole body is in every format: one walk over it by the format's own shape."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gateway.errors import BadRequest, UpstreamError
from gateway.wire.exchange import IN_BODY, Exchange
from gateway.wire.leaves import Finder, settings
from gateway.wire.model_name import read_model, read_stream
from gateway.wire.parameters import read_parameters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.wire.exchange import Target, Text
    from gateway.wire.leaves import Shape
    from gateway.wire.parameters import Vocabulary

__all__ = ["is_plain", "opening", "read_answer_texts", "read_request"]


def read_request(
    body: Any, shape: Shape, vocabulary: Vocabulary, target: Target = IN_BODY
) -> Exchange:
    """Finds model, texts and parameters of a request.

    Where the path names the model, a body that names one as well names the same one from here on:
    no server behind us may take another than the one that the policy was asked about.

    Raises:
        BadRequest: It is no object, or a part of it has the wrong type.
    """
    if not isinstance(body, dict):
        raise BadRequest("the body must be an object", message="The body must be an object.")
    if target.model is not None and "model" in body:
        body = {**body, "model": target.model}
    found = Finder.request()
    shape(found, body, (), "unknown")
    key, wanted = vocabulary.messages_key, vocabulary.messages_type
    if key is not None and wanted is not None and body.get(key) is None:
        raise found.wrong((key,), wanted)
    model = read_model(body) if target.model is None else target.model
    stream = target.stream
    if stream is None:
        stream = read_stream(body, unasked=vocabulary.streams_unasked)
    parameters = read_parameters(body, found, vocabulary, stream=stream)
    texts = found.whole()
    if vocabulary.apart:
        texts = tuple(replace(text, apart=True) for text in texts)
    return Exchange(
        model,
        stream,
        texts,
        body,
        parameters,
        opening=opening(texts, key),
        beyond=found.beyond,
    )


def opening(texts: Iterable[Text], key: str | None = None) -> str:
    """The first text of the user in the member that holds the conversation; empty without one."""
    for text in texts:
        if text.provenance == "user" and (key is None or text.path[0] == key):
            return text.value
    return ""


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
