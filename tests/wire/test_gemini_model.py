"""A body names no other model than the path of its request."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import BadRequest
from gateway.wire.gemini_model import check_model, without_model


@pytest.mark.parametrize("value", ["models/m", "m", None])
def test_the_same_model_is_left_out(value: Any) -> None:
    assert without_model({"model": value, "x": 1}, "m") == {"x": 1}


@pytest.mark.parametrize("value", ["other", "models/other", "models/m/x", "M", 3, {}, []])
def test_another_model_is_refused(value: Any) -> None:
    with pytest.raises(BadRequest, match="/model must name the model that the path names"):
        without_model({"model": value}, "m")


def test_what_says_nothing_of_a_model_stays_as_it_is() -> None:
    body: dict[str, Any] = {"x": 1}
    assert without_model(body, "m") is body
    body = {"model": "m"}
    assert without_model(body, None) is body
    check_model("anything", ("model",), None)
