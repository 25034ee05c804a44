"""What is said of an exception: its type and place, never its words."""

from __future__ import annotations

import pytest

from gateway.errors import ConfigurationError
from gateway.steps.faults import fault
from gateway.units import parse_size


def refuse() -> None:
    raise ValueError("s3cr3t")


def test_its_words_stay_out() -> None:
    with pytest.raises(ValueError, match="s3cr3t") as caught:
        refuse()
    found = fault(caught.value)
    assert found["error"] == "ValueError"
    assert found["at"].startswith("test_faults.py:")
    assert "s3cr3t" not in str(found)


def test_the_place_is_the_innermost_of_ours() -> None:
    with pytest.raises(ValueError, match="is not a size") as caught:
        parse_size("s3cr3t")
    assert fault(caught.value)["at"].startswith("units.py:")


def test_an_exception_that_was_never_raised_has_no_place() -> None:
    assert fault(ConfigurationError([])) == {"error": "ConfigurationError", "at": "unknown"}
