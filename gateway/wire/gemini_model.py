"""Gemini's models: the path of a request names one, and its body none or the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.errors import BadRequest
from gateway.wire.exchange import Path, pointer

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["check_model", "without_model"]


def check_model(value: Any, path: Path, model: str | None) -> None:
    """Refuses a body that names another model than the path of its request.

    Raises:
        BadRequest: It does.
    """
    if model is not None and value not in (f"models/{model}", model):
        message = f"{pointer(path)} must name the model that the path names"
        raise BadRequest(message, message=f"{message}.")


def without_model(body: Mapping[str, Any], model: str | None) -> Mapping[str, Any]:
    """The body without the model that its path names already.

    Raises:
        BadRequest: It names another.
    """
    if model is None or not isinstance(body, dict) or "model" not in body:
        return body
    if body["model"] is not None:
        check_model(body["model"], ("model",), model)
    return {key: value for key, value in body.items() if key != "model"}
