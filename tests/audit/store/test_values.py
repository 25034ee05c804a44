from __future__ import annotations

from typing import Any

import pytest

from gateway.audit.store.values import header_bytes, number
from gateway.errors import AuditUnavailable


@pytest.mark.parametrize(("value", "wanted"), [(7, 7), ("12", 12), ("0", 0), (-3, -3)])
def test_a_number_is_one_or_its_digits(value: Any, wanted: int) -> None:
    assert number(value, "how many") == wanted


@pytest.mark.parametrize("value", [None, "", "seven", "-1", "²", b"12", 1.5, "1" + " "])
def test_what_is_no_number_is_said_to_be_missing(value: Any) -> None:
    with pytest.raises(AuditUnavailable, match="does not say how many: run `gateway audit verify`"):
        number(value, "how many")


@pytest.mark.parametrize("value", [None, "{}", 4_000_000_000_000, 1.5])
def test_only_bytes_are_a_header(value: Any) -> None:
    assert header_bytes(b"{}") == b"{}"
    with pytest.raises(AuditUnavailable, match="damaged record"):
        header_bytes(value)
