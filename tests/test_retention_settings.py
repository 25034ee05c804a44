from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.retention_settings import RetentionSettings


def test_everything_is_kept_if_nothing_is_said() -> None:
    assert RetentionSettings() == RetentionSettings(sealed=None, headers=None)


def test_periods_are_durations() -> None:
    values = {"sealed": "30d", "headers": "400d", "proofs": "800d"}
    kept = RetentionSettings.model_validate(values)
    assert kept.proofs == 800 * 86_400
    assert (kept.sealed, kept.headers) == (30 * 86_400, 400 * 86_400)
    assert RetentionSettings.model_validate({"sealed": "1h"}).headers is None


@pytest.mark.parametrize(
    "values",
    [
        {"headers": "30d"},
        {"sealed": "30d", "headers": "29d"},
        {"sealed": "59m"},
        {"sealed": "30"},
        {"proof": "1d"},
        {"proofs": "1d"},
        {"sealed": "1d", "headers": "3d", "proofs": "2d"},
    ],
)
def test_what_makes_no_sense_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RetentionSettings.model_validate(values)
