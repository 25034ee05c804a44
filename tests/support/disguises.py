# ruff: noqa: RUF001, SIM905 - look-alikes are the point; lists of words are easier to read
"""Ways to write a text so that a model still reads it and a plain search does not.

Each takes a text and a source of chance, and gives the text disguised. Those of characters leave
what they have no disguise for as it is.
"""

from __future__ import annotations

import base64
import codecs
import html
import re
import textwrap
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import quote

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping

__all__ = ["DISGUISES", "ENGLISH_ONLY", "Disguise"]

Disguise: TypeAlias = "Callable[[str, random.Random], str]"

_LOWER: Final = "abcdefghijklmnopqrstuvwxyz"
_UPPER: Final = _LOWER.upper()
_HIDDEN: Final = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_MARKS: Final = [chr(code) for code in (*range(0x300, 0x315), *range(0x316, 0x333))]
_CYRILLIC: Final = dict(zip("aceopxyisjABCEHIKMOPTX", "асеорхуіѕјАВСЕНІКМОРТХ", strict=True))
_GREEK: Final = dict(zip("oivAEIOTXYZKMNBH", "οινΑΕΙΟΤΧΥΖΚΜΝΒΗ", strict=True))
_LEET: Final = str.maketrans("oieastOIEAST", "013457013457")
_LEET_SIGNS: Final = str.maketrans("oieastlbOIEASTLB", "0!3@$7180!3@$718")
_SMALL: Final = dict(zip(_LOWER, "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡxʏᴢ", strict=True))
_FLIPPED: Final = dict(
    zip(
        _LOWER + ".,!?'",
        "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz˙'¡¿,",
        strict=True,
    )
)
_SUPER: Final = dict(
    zip(
        _LOWER.replace("q", ""),
        "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ",
        strict=True,
    )
)
_BRAILLE: Final = dict(
    zip(
        _LOWER + " ",
        "⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵⠀",
        strict=True,
    )
)
_MORSE: Final = dict(
    zip(
        _LOWER + "0123456789.,?'!/-:",
        (
            ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- "
            "...- .-- -..- -.-- --.. ----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----. "
            ".-.-.- --..-- ..--.. .----. -.-.-- -..-. -....- ---..."
        ).split(),
        strict=True,
    )
)
_NATO: Final = dict(
    zip(
        _LOWER,
        (
            "Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike "
            "November Oscar Papa Quebec Romeo Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu"
        ).split(),
        strict=True,
    )
)
_EMOJI: Final = "🔥🎉👍😀🚀✨🐍🌍"


def _mapped(table: Mapping[str, str]) -> Disguise:
    return lambda text, _: "".join(table.get(one, table.get(one.lower(), one)) for one in text)


def _shifted(upper: int, lower: int, *, upper_only: bool = False) -> Disguise:
    """Letters that stand in blocks of Unicode, in the order of the alphabet."""
    table = {one: chr(upper + at) for at, one in enumerate(_UPPER)}
    table |= {one: chr((upper if upper_only else lower) + at) for at, one in enumerate(_LOWER)}
    return _mapped(table)


def _between(sign: str, gap: str) -> Disguise:
    """Letters one by one; ``gap`` stands between words."""
    return lambda text, _: gap.join(sign.join(word) for word in text.split())


def _coded(form: str, joint: str) -> Disguise:
    return lambda text, _: joint.join(format(one, form) for one in text.encode())


def _caesar(shift: int) -> Disguise:
    table = str.maketrans(
        _LOWER + _UPPER,
        _LOWER[shift:] + _LOWER[:shift] + _UPPER[shift:] + _UPPER[:shift],
    )
    return lambda text, _: text.translate(table)


def _base64(text: str, _: random.Random) -> str:
    return base64.b64encode(text.encode()).decode()


def _base64_lines(text: str, _: random.Random) -> str:
    return "\n".join(textwrap.wrap(base64.b64encode(text.encode()).decode(), 20))


def _zero_width(text: str, chance: random.Random) -> str:
    return "".join(one + chance.choice(_HIDDEN) for one in text)


def _zalgo(text: str, chance: random.Random) -> str:
    return "".join(one + "".join(chance.choices(_MARKS, k=chance.randint(1, 5))) for one in text)


def _accents(text: str, _: random.Random) -> str:
    return text.translate(str.maketrans("aeioucnsyAEIOU", "áèîöúçñšýÁÈÎÖÚ"))


def _lookalikes(table: Mapping[str, str]) -> Disguise:
    return lambda text, chance: "".join(
        table[one] if one in table and chance.random() < 0.8 else one for one in text
    )


def _tags(text: str, _: random.Random) -> str:
    return "".join(chr(0xE0000 + ord(one)) if " " <= one <= "~" else one for one in text)


def _selectors(text: str, _: random.Random) -> str:
    codes = (byte + (0xFE00 if byte < 16 else 0xE0100 - 16) for byte in text.encode())
    return "☺" + "".join(map(chr, codes))


def _right_to_left(text: str, _: random.Random) -> str:
    return "\u202e" + text[::-1] + "\u202c"


def _words_reversed(text: str, _: random.Random) -> str:
    return re.sub(r"\S+", lambda found: found[0][::-1], text)


def _upside_down(text: str, _: random.Random) -> str:
    return "".join(_FLIPPED.get(one, one) for one in text.lower())[::-1]


def _morse(text: str, _: random.Random) -> str:
    words = ("".join(one for one in word if one in _MORSE) for word in text.lower().split())
    return " / ".join(" ".join(_MORSE[one] for one in word) for word in words if word)


def _nato(text: str, _: random.Random) -> str:
    words = (" ".join(_NATO.get(one, "") for one in word) for word in text.lower().split())
    return " / ".join(" ".join(word.split()) for word in words)


def _pig_latin(text: str, _: random.Random) -> str:
    def turned(found: re.Match[str]) -> str:
        head, rest = found.groups()
        return rest + head + "ay" if head else rest + "way"

    return re.sub(r"\b([b-df-hj-np-tv-z]*)([aeiouy][a-z]*)", turned, text.lower())


def _emoji(joint: str) -> Disguise:
    """Emoji between the characters of words, or between words."""

    def disguise(text: str, chance: random.Random) -> str:
        parts = text.split() if joint == " " else list(text.replace(" ", "  "))
        return "".join(part + (chance.choice(_EMOJI) if part != " " else " ") for part in parts)

    return disguise


def _regional(text: str, _: random.Random) -> str:
    """Regional indicators, with a joiner that keeps pairs from becoming flags."""
    codes = (
        chr(0x1F1E6 + ord(one) - 97) + "\u200b" if "a" <= one <= "z" else one
        for one in text.lower()
    )
    return "".join(codes)


DISGUISES: Final[dict[str, Disguise]] = {
    "zero-width": _zero_width,
    "right-to-left": _right_to_left,
    "tags": _tags,
    "variation selectors": _selectors,
    "cyrillic": _lookalikes(_CYRILLIC),
    "greek": _lookalikes(_GREEK),
    "fullwidth": _shifted(0xFF21, 0xFF41),
    "mathematical": _shifted(0x1D400, 0x1D41A),
    "script": _shifted(0x1D4D0, 0x1D4EA),
    "monospace": _shifted(0x1D670, 0x1D68A),
    "circled": _shifted(0x24B6, 0x24D0),
    "squared": _shifted(0x1F130, 0, upper_only=True),
    "dark squared": _shifted(0x1F170, 0, upper_only=True),
    "dark circled": _shifted(0x1F150, 0, upper_only=True),
    "parenthesised": _shifted(0x1F110, 0x249C),
    "superscript": _mapped(_SUPER),
    "small capitals": _mapped(_SMALL),
    "regional indicators": _regional,
    "zalgo": _zalgo,
    "accents": _accents,
    "leet": lambda text, _: text.translate(_LEET),
    "leet with signs": lambda text, _: text.translate(_LEET_SIGNS),
    "spaced": _between(" ", "   "),
    "spaced, no words": lambda text, _: " ".join(text.replace(" ", "")),
    "dotted": _between(".", " "),
    "dashed": _between("-", " "),
    "dashed, no words": lambda text, _: "-".join(text.replace(" ", "")),
    "underscored": _between("_", " "),
    "starred": _between("*", "  "),
    "upright": _between("\n", "\n\n"),
    "spaced leet": lambda text, _: "   ".join(
        " ".join(word) for word in text.translate(_LEET).split()
    ),
    "base64": _base64,
    "base64 without padding": lambda text, _: _base64(text, _).rstrip("="),
    "base64 for URLs": lambda text, _: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64 in lines": _base64_lines,
    "base64 twice": lambda text, _: _base64(_base64(text, _), _),
    "hexadecimal": lambda text, _: text.encode().hex(),
    "hexadecimal pairs": _coded("02x", " "),
    "hexadecimal 0x": _coded("#04x", " "),
    "hexadecimal 0x, commas": _coded("#04x", ", "),
    "hexadecimal colons": _coded("02X", ":"),
    "hexadecimal escapes": lambda text, _: "".join(f"\\x{one:02x}" for one in text.encode()),
    "octal escapes": lambda text, _: "".join(f"\\{one:03o}" for one in text.encode()),
    "quoted-printable": lambda text, _: "".join(f"={one:02X}" for one in text.encode()),
    "unicode escapes": lambda text, _: "".join(f"\\u{ord(one):04x}" for one in text),
    "code points": lambda text, _: " ".join(f"U+{ord(one):04X}" for one in text),
    "decimal": _coded("d", " "),
    "decimal, commas": _coded("d", ", "),
    "octal": _coded("03o", " "),
    "binary": _coded("08b", " "),
    "binary in a row": _coded("08b", ""),
    "URL": lambda text, _: quote(text),
    "URL, all": lambda text, _: "".join(f"%{one:02X}" for one in text.encode()),
    "URL twice": lambda text, _: quote(quote(text)),
    "HTML": lambda text, _: "".join(f"&#{ord(one)};" for one in text),
    "HTML, hexadecimal": lambda text, _: "".join(f"&#x{ord(one):x};" for one in text),
    "HTML twice": lambda text, _: html.escape("".join(f"&#{ord(one)};" for one in text)),
    "rot13": lambda text, _: codecs.encode(text, "rot13"),
    "Caesar 3": _caesar(3),
    "Caesar 7": _caesar(7),
    "Caesar 23": _caesar(23),
    "Atbash": lambda text, _: text.translate(
        str.maketrans(_LOWER + _UPPER, _LOWER[::-1] + _UPPER[::-1])
    ),
    "reversed": lambda text, _: text[::-1],
    "words reversed": _words_reversed,
    "upside down": _upside_down,
    "morse": _morse,
    "Braille": _mapped(_BRAILLE),
    "NATO": _nato,
    "pig latin": _pig_latin,
    "emoji between words": _emoji(" "),
    "emoji between letters": _emoji(""),
    "base64 of rot13": lambda text, _: _base64(codecs.encode(text, "rot13"), _),
    "hexadecimal of reversed": lambda text, _: text[::-1].encode().hex(),
    "base64 of leet": lambda text, _: _base64(text.translate(_LEET), _),
    "reversed leet": lambda text, _: text.translate(_LEET)[::-1],
}
"""Every disguise, by name."""

ENGLISH_ONLY: Final = frozenset(
    {
        *("zalgo", "accents", "leet", "leet with signs", "cyrillic", "greek", "spaced leet"),
        *("spaced, no words", "dashed, no words", "rot13", "Caesar 3", "Caesar 7", "Caesar 23"),
        *("Atbash", "reversed", "words reversed", "upside down", "morse", "Braille", "NATO"),
        *("pig latin", "base64 of rot13", "hexadecimal of reversed", "base64 of leet"),
        *("reversed leet", "superscript", "small capitals", "regional indicators"),
    }
)
"""Those that leave letters beyond ASCII as they are, or are told by English words."""
