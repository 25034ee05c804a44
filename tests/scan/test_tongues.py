from __future__ import annotations

from gateway.scan.tongues import is_japanese, is_language, is_vietnamese


def test_kana_tell_japanese() -> None:
    assert is_japanese("\u4f1a\u8b70\u306f\u706b\u66dc\u65e5\u3067\u3059")
    assert not is_japanese("\u4f1a\u8bae\u5728\u661f\u671f\u4e8c")
    assert not is_japanese("The word \u3042 stands in a long sentence of English")
    assert not is_japanese("")


def test_its_own_letters_tell_vietnamese() -> None:
    assert is_vietnamese("Nh\u1ea5n ph\u00edm \u0111\u1ec3 ti\u1ebfp t\u1ee5c")
    assert not is_vietnamese(
        "Ho Chi Minh, in Vietnamese H\u1ed3 Ch\u00ed Minh, was born in a village"
    )
    assert not is_vietnamese("un caf\u00e9 pr\u00e8s de la for\u00eat")
    assert not is_vietnamese("")


def test_numbers_are_no_language() -> None:
    assert not is_language("10 11 12 13")
    assert not is_language("| 1 | 2 | a |")
    assert is_language("Room 101 is free")
    assert is_language("\u732b\u306f")
    assert is_language("")
