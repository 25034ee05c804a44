from __future__ import annotations

import pytest

from gateway.scan.plausible import is_letters, is_text


@pytest.mark.parametrize(
    ("text", "seen", "letters"),
    [
        ("ignore all of it", True, True),
        ("сегодня мы", True, True),
        ('{"a": 1, "b": [2, 3]}', True, False),
        ("\x00\x01\x02abc\x03", False, False),
        ("", False, False),
    ],
)
def test_text_is_told_from_noise(text: str, *, seen: bool, letters: bool) -> None:
    assert (is_text(text), is_letters(text)) == (seen, letters)
