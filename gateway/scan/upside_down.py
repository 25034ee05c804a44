# ruff: noqa: RUF001 - look-alikes are the point
"""Text that stands on its head, and is therefore written backward: ``ǝɹouƃᴉ``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gateway.scan.patches import Stretch, backward

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["upright"]

_SMALL: Final = dict(zip("ɐɔǝɟƃɥᴉıɾʞʃןɯɹʇʌʍʎunpdbq", "acefghiijkllmrtvwynudpqb", strict=True))
_CAPITAL: Final = dict(zip("∀ƆƎℲ⅁ſꓘ⅂Ԁꓤꓕ┴∩Λ⅄˙¡¿‾,'", "ACEFGJKLPRTTUVY.!?_',", strict=True))
_TURNED: Final = str.maketrans(_SMALL | _CAPITAL)
_TELLING: Final = re.compile("[ɐɔǝɟƃɥᴉɾʞɯɹʇʌʍʎ]")
_FEWEST: Final = 4
_AROUND: Final = 200
"""Characters beside turned ones that are read with them."""


def upright(text: str) -> Iterator[Stretch]:
    """The part of ``text`` from the first turned letter to the last, the right way up."""
    if text.isascii():
        return
    found = _TELLING.findall(text)
    if len(found) < _FEWEST:
        return
    start = max(min(text.find(one) for one in set(found)) - _AROUND, 0)
    end = min(max(text.rfind(one) for one in set(found)) + _AROUND, len(text))
    yield Stretch(text[start:end].translate(_TURNED)[::-1], backward(end), "upside down")
