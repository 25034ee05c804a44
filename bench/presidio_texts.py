"""Labelled texts of the bench's own: numbers that are right, some that nearly are, and harmless.

Values are made at random by the issuers' published rules. In a near miss one character is another
one, so that a check digit, a range or a form is wrong. Each stands in a plain sentence, with the
word for it to its left or without.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from bench import texts
from gateway.evaluation.rows import Row, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["KINDS", "rows"]

_LONG: Final = 2000
"""Characters of a harmless text without numbers that look like something."""
_DIGITS: Final = "0123456789"
_WITH: Final = (
    "The {word} on file is {value}.",
    "Please change my {word} to {value} from next month on.",
    "She sent us her {word}, {value}, by post.",
    "{word}: {value}",
)
_WITHOUT: Final = (
    "Please look up {value} for me.",
    "It says {value} at the top of the page.",
    "We have {value} here, is that right?",
)
_NUMBERS: Final = (
    "Order {0} left the warehouse with parcel {1}.",
    "Ticket {0} was closed, see also {1}.",
    "The log says {0} rows and {1} bytes.",
    "Part no. {0} replaces {1} in all machines.",
)


class Kind(NamedTuple):
    """How to make values of one entity.

    Attributes:
        word: What people call it.
        value: A value that is right.
        near: One that is not, by one character.
    """

    word: str
    value: Callable[[random.Random], str]
    near: Callable[[random.Random], str]


@dataclass(frozen=True, slots=True)
class _Checked:
    """Values that end with what a rule makes of the digits before.

    Attributes:
        body: Makes what is before the check digits; all of it but digits stays in a near miss.
        check: The check digits; None where the rule has none for it.
        write: How it is written.
    """

    body: Callable[[random.Random], str]
    check: Callable[[str], str | None]
    write: Callable[[str, str], str] = "{}{}".format

    def value(self, chance: random.Random) -> str:
        while (check := self.check(body := self.body(chance))) is None:
            pass
        return self.write(body, check)

    def near(self, chance: random.Random) -> str:
        while (check := self.check(body := self.body(chance))) is None:
            pass
        while True:
            # Not the first ones: they may say of which kind it is, and when somebody was born.
            place = chance.randrange(len(body) - 3, len(body))
            other = body[:place] + chance.choice(_DIGITS) + body[place + 1 :]
            if other != body and self.check(other) != check:
                return self.write(other, check)


def _digits(count: int, first: str = "123456789") -> Callable[[random.Random], str]:
    return lambda chance: chance.choice(first) + "".join(chance.choices(_DIGITS, k=count - 1))


def luhn(body: str) -> str:
    """ISO/IEC 7812-1, annex B."""
    odd = body[::-2]
    total = sum(int(one) for one in body[-2::-2]) + sum(
        sum(divmod(2 * int(one), 10)) for one in odd
    )
    return str(-total % 10)


def _weighted(weights: str, modulus: int) -> Callable[[str], int]:
    numbers = [int(one, 36) for one in weights]
    return lambda body: (
        sum(weight * int(one) for weight, one in zip(numbers, body, strict=True)) % modulus
    )


def _german_iban(body: str) -> str:
    """ISO 13616: the remainder by 97 of account, country and check digits is 1."""
    return f"{98 - int(body + '131400') % 97:02d}"


def _nhs(body: str) -> str | None:
    check = -_weighted("a98765432", 11)(body) % 11
    return None if check == 10 else str(check)


def tax_id(body: str) -> str | None:
    """ISO 7064, MOD 11,10; of the ten digits before, exactly one is there twice."""
    if len(set(body)) != 9:
        return None
    product = 10
    for one in body:
        product = ((int(one) + product) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def _mod11(weights: str) -> Callable[[str], str]:
    return lambda body: str((11 - _weighted(weights, 11)(body)) % 10)


def _tfn(body: str) -> str | None:
    """The weight of the last digit is 10, which is -1 of 11."""
    check = _weighted("14375869", 11)(body)
    return None if check == 10 else str(check)


def _abn(body: str) -> str:
    """Two digits before, such that the weighted sum, with one taken off the first, is 0 of 89."""
    total = _weighted("3579bdfhj", 89)(body)
    pairs = range(10, 100)
    return str(next(one for one in pairs if ((one // 10 - 1) * 10 + one % 10 + total) % 89 == 0))


_VERHOEFF: Final = (
    *("0123456789", "1234067895", "2340178956", "3401289567", "4012395678"),
    *("5987604321", "6598710432", "7659821043", "8765932104", "9876543210"),
)
_TURNED: Final = (
    *("0123456789", "1576283094", "5803796142", "8916043527"),
    *("9453126870", "4286573901", "2793806415", "7046913258"),
)


def verhoeff(body: str) -> str:
    """Verhoeff's check digit, by his tables."""
    state = 0
    for place, one in enumerate(reversed(body), 1):
        state = int(_VERHOEFF[state][int(_TURNED[place % 8][int(one)])])
    return next(one for one in _DIGITS if _VERHOEFF[state][int(one)] == "0")


def _born(chance: random.Random) -> str:
    return f"{chance.randrange(40, 99)}{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}"


def _finn(chance: random.Random) -> str:
    born = _born(chance)
    return f"{born[4:]}{born[2:4]}{born[:2]}-{chance.randrange(2, 900):03d}"


def _bitcoin(chance: random.Random, *, right: bool = True) -> str:
    """Base58Check of a version of 0 and a hash of 20 bytes."""
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    data = b"\0" + chance.randbytes(20)
    number = int.from_bytes(data + hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4])
    text = ""
    while number:
        number, digit = divmod(number, 58)
        text = alphabet[digit] + text
    if not right:
        text = text[:-1] + chance.choice(alphabet.replace(text[-1], ""))
    return "1" + text


def _ssn(area: Callable[[random.Random], int]) -> Callable[[random.Random], str]:
    return lambda chance: (
        f"{area(chance):03d}-{chance.randrange(10, 99)}-{chance.randrange(1000, 9999)}"
    )


def _itin(group: tuple[int, ...]) -> Callable[[random.Random], str]:
    return lambda chance: (
        f"9{chance.randrange(100):02d}-{chance.choice(group)}-{chance.randrange(1000, 9999)}"
    )


def _nino(prefixes: tuple[str, ...]) -> Callable[[random.Random], str]:
    return lambda chance: (
        f"{chance.choice(prefixes)}{chance.randrange(10**6):06d}{chance.choice('ABCD')}"
    )


def _address(last: Callable[[random.Random], int]) -> Callable[[random.Random], str]:
    return lambda chance: ".".join(
        (*(str(chance.randrange(1, 255)) for _ in range(3)), str(last(chance)))
    )


def _mac(chance: random.Random, last: str = "0123456789abcdef") -> str:
    pairs = [f"{chance.randrange(256):02x}" for _ in range(5)]
    return ":".join((*pairs, chance.choice("0123456789abcdef") + chance.choice(last)))


def _mail(chance: random.Random, ending: str = ".example.org") -> str:
    return f"anna.{chance.randrange(10**4)}@mail{chance.randrange(100)}{ending}"


def _checked(
    word: str,
    body: Callable[[random.Random], str],
    check: Callable[[str], str | None],
    write: Callable[[str, str], str] = "{}{}".format,
) -> Kind:
    scheme = _Checked(body, check, write)
    return Kind(word, scheme.value, scheme.near)


_SPANISH: Final = "TRWAGMYFPDXBNJZSQVHLCKE"
_FINNISH: Final = "0123456789ABCDEFHJKLMNPRSTUVWXY"

KINDS: Final[dict[str, Kind]] = {
    "ABA_ROUTING_NUMBER": _checked(
        "routing number",
        lambda chance: f"{chance.randrange(1, 13):02d}{chance.randrange(10**6):06d}",
        lambda body: str(-_weighted("37137137", 10)(body) % 10),
    ),
    "AU_ABN": _checked("ABN", _digits(9), _abn, lambda body, check: check + body),
    "AU_ACN": _checked(
        "ACN", _digits(8, "0"), lambda body: str(-_weighted("87654321", 10)(body) % 10)
    ),
    "AU_MEDICARE": _checked(
        "Medicare number",
        _digits(8, "23456"),
        lambda body: str(_weighted("13791379", 10)(body)),
        "{}{}1".format,
    ),
    "AU_TFN": _checked("tax file number", _digits(8), _tfn),
    "CREDIT_CARD": _checked("credit card number", _digits(15, "4"), luhn),
    "CRYPTO": Kind("bitcoin address", _bitcoin, lambda chance: _bitcoin(chance, right=False)),
    "DE_TAX_ID": _checked("Steueridentifikationsnummer", _digits(10), tax_id),
    "EMAIL_ADDRESS": Kind("e-mail address", _mail, lambda chance: _mail(chance, "")),
    "ES_NIE": _checked(
        "NIE",
        lambda chance: "X" + _digits(7, _DIGITS)(chance),
        lambda body: _SPANISH[int(body[1:]) % 23],
    ),
    "ES_NIF": _checked("NIF", _digits(8), lambda body: _SPANISH[int(body) % 23]),
    "FI_PERSONAL_IDENTITY_CODE": _checked(
        "henkilötunnus", _finn, lambda body: _FINNISH[int(body.replace("-", "")) % 31]
    ),
    "IBAN_CODE": _checked("IBAN", _digits(18), _german_iban, "DE{1}{0}".format),
    "IN_AADHAAR": _checked("Aadhaar number", _digits(11, "23456789"), verhoeff),
    "IP_ADDRESS": Kind(
        "IP address",
        _address(lambda chance: chance.randrange(1, 255)),
        _address(lambda chance: chance.randrange(256, 999)),
    ),
    "IT_VAT_CODE": _checked(
        "partita IVA",
        lambda chance: _digits(7)(chance) + f"{chance.randrange(1, 101):03d}",
        luhn,
    ),
    "KR_RRN": _checked(
        "resident registration number",
        lambda chance: f"{_born(chance)}-{chance.choice('12')}{chance.randrange(95 * 10**3):05d}",
        lambda body: _mod11("234567892345")(body.replace("-", "")),
    ),
    "MAC_ADDRESS": Kind("MAC address", _mac, lambda chance: _mac(chance, "g")),
    "PL_PESEL": _checked(
        "PESEL",
        lambda chance: f"{_born(chance)}{chance.randrange(10**4):04d}",
        lambda body: str(-_weighted("1379137913", 10)(body) % 10),
    ),
    "SG_NRIC_FIN": _checked(
        "NRIC",
        lambda chance: "S" + _digits(7, _DIGITS)(chance),
        lambda body: "JZIHGFEDCBA"[_weighted("2765432", 11)(body[1:])],
    ),
    "UK_NHS": _checked("NHS number", _digits(9, "4679"), _nhs),
    "UK_NINO": Kind(
        "National Insurance number",
        _nino(("AB", "CE", "JK", "PW")),
        _nino(("BG", "GB", "NK", "ZZ")),
    ),
    "US_ITIN": Kind("ITIN", _itin((*range(70, 89), 94, 97)), _itin((66, 69, 89, 93))),
    "US_NPI": _checked("NPI", _digits(9, "12"), lambda body: luhn("80840" + body)),
    "US_SSN": Kind(
        "social security number",
        _ssn(lambda chance: chance.randrange(101, 650)),
        _ssn(lambda chance: chance.choice((0, 666, *range(900, 1000)))),
    ),
}
"""By entity."""


def rows(count: int, seed: int) -> Iterator[Row]:
    """Labelled texts: ``count`` right values and as many near misses per entity and way to say it.

    Besides, harmless texts: twice as many with bare numbers, and as many of each other kind.
    """
    chance = random.Random(seed)  # noqa: S311 - the same in every run
    for name, sentences in (("generated, word before", _WITH), ("generated, no word", _WITHOUT)):
        for entity, kind in KINDS.items():
            for _ in range(count):
                for value, right in ((kind.value(chance), True), (kind.near(chance), False)):
                    yield _row(
                        chance.choice(sentences), kind.word, value, (name, entity), right=right
                    )
    for _ in range(2 * count):
        numbers = (str(chance.randrange(10 ** chance.randrange(6, 13))) for _ in range(2))
        yield Row(
            chance.choice(_NUMBERS).format(*numbers), "harmless numbers", "pii-pattern", "user"
        )
    for name in texts.KINDS:
        for number in range(count):
            text = texts.text_of(name, _LONG, number).replace("@", " at ")
            yield Row(text, f"harmless, {name}", "pii-pattern", "user")


def _row(sentence: str, word: str, value: str, about: tuple[str, str], *, right: bool) -> Row:
    name, entity = about
    text = sentence.format(word=word, value=value)
    at = text.index(value)
    spans = (Span(at, at + len(value), entity),) if right else ()
    return Row(text, name, "pii-pattern", "user", spans, entity)
