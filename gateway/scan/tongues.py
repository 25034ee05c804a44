"""Whether a short text is written in another language than English, as far as small words tell.

The embedded model has seen little harmless text of other languages: there, ordinary instructions
look like orders to it. So what it suspects in such a text has to be suspected more.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["is_foreign", "is_japanese", "is_language"]

_WORD: Final = re.compile(r"[^\W\d_]+")
_LEAST: Final = 2
"""So many small words of other languages are needed; one may be a name."""
_LATIN: Final = "\u024f"
_ENGLISH_WORDS: Final = """
    the of and to in is that for it you with this be are as at or from by not your all have an
    if will can do what which must when any was has its how use there their they we he she i
    my so but then than into these those should would could been were please ignore previous
"""
_OTHER_WORDS: Final = """
    der das und ist nicht ein eine einen mit auf für von werden wird dem den sich oder wenn
    kann sie auch bei nach aus dass durch zum zur ihre bitte het een van en niet met voor op
    dat zijn aan wordt och att som är för inte till av og af ikke til det le la les des du une
    est et pour que qui dans pas sur au avec par ce cette ou sont vous nous ne aux plus el los
    las una es de del y para por con se su como al lo más está este esta si os um uma em da
    dos não é ao seu sua mais ser il gli di della dei che è per non un sono nel alla questo
    come più essere și pe cu care sau nie się na jest że dla jak lub przez od oraz są je pro
    nebo není ve bir bu için ile olarak veya gibi yang dan untuk dengan dari ini ja on ei että
    tai az egy nem és hogy
    và của là trong không được cho với các một này tại sẽ vào
"""
"""Of German, Dutch and Scandinavian; French, Spanish, Portuguese, Italian and Romanian; Polish,
Czech, Turkish, Indonesian, Finnish, Hungarian and Vietnamese."""
_ENGLISH: Final = frozenset(_ENGLISH_WORDS.split())
_OTHERS: Final = frozenset(_OTHER_WORDS.split())
_AROUND: Final = 100
"""Characters on both sides that are looked at where a text says too little itself."""


def is_language(text: str) -> bool:
    """Whether a third of the characters of a text are letters; tables of numbers say nothing."""
    signs = len(text) - sum(map(str.isspace, text))
    return 3 * sum(map(str.isalpha, text)) >= signs


def is_japanese(text: str) -> bool:
    """Whether a fifth of the letters of a text are kana."""
    kana = sum("\u3040" <= char <= "\u30ff" for char in text)
    return kana > 0 and 5 * kana >= sum(map(str.isalpha, text))


def is_foreign(text: str, start: int = 0, end: int | None = None) -> bool:
    """Whether most words are of another script, or small words are those of another language.

    Args:
        text: A text.
        start: Where the part begins that is asked about; what stands around it counts only where
            the part says too little.
        end: Character after it.
    """
    end = len(text) if end is None else end
    told = _told(text[start:end])
    if told is None:
        told = _told(text[max(start - _AROUND, 0) : end + _AROUND])
    return bool(told)


def _told(text: str) -> bool | None:
    """The same of all of a short text; None where it has too few words of either kind."""
    words = [word.lower() for word in _WORD.findall(text)]
    if 2 * sum(min(word) > _LATIN for word in words) > len(words):
        return True
    others = sum(word in _OTHERS for word in words)
    english = sum(word in _ENGLISH for word in words)
    if max(others, english) < _LEAST:
        return None
    return others > 2 * english
