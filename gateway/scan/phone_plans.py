"""Whether a number could be valid by a numbering plan, for a tenth of what it takes to parse it.

``phonenumbers`` takes some 40 microseconds to read a number as one of a country and to say whether
it is valid there, and a text may be nothing but digits. Here all that it may make of the digits is
held against the plans of their country, which are its own; what remains, it is asked.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_REGIONS, PhoneMetadata

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["may_be_valid"]

_PLAIN: Final = re.compile(r"\+?[0-9 ().\-/]*")
"""What is read here; in other signs there may be an extension, or more than one number."""
_DIGITS: Final = bytes(code for code in range(256) if not 48 <= code <= 57)
_LONGEST_CODE: Final = 3
_KINDS: Final = (
    *("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost"),
    *("personal_number", "voip", "pager", "uan", "voicemail"),
)


class _Plan(NamedTuple):
    """What numbers of a country look like, of any of the countries that share its code.

    Attributes:
        lengths: How many digits they have.
        expression: What they match as a whole.
    """

    lengths: frozenset[int]
    expression: re.Pattern[str]

    def has(self, number: str) -> bool:
        return len(number) in self.lengths and self.expression.fullmatch(number) is not None


class _Dialling(NamedTuple):
    """How numbers are dialled from a country.

    Attributes:
        code: The country's code.
        abroad: What comes before a number of another country.
        prefixes: What may come before one of its own, and what takes its place.
    """

    code: int
    abroad: re.Pattern[str] | None
    prefixes: tuple[tuple[re.Pattern[str], str | None], ...]

    def goes_abroad(self, number: str) -> bool:
        return self.abroad is not None and self.abroad.match(number) is not None

    def without(self, number: str) -> Iterator[str]:
        """The number as it is, and without what may come before it."""
        yield number
        for prefix, instead in self.prefixes:
            found = prefix.match(number)
            if found is not None:
                yield number[found.end() :]
                if instead and found.re.groups and found[found.re.groups] is not None:
                    yield prefix.sub(instead, number, count=1)


def may_be_valid(number: str, region: str) -> bool:
    """Whether ``phonenumbers`` could call a number valid; if not, it does not.

    Args:
        number: A number as it is written.
        region: Where it is dialled (ISO 3166-1).
    """
    if _PLAIN.fullmatch(number) is None or region not in SUPPORTED_REGIONS:
        return True
    digits = number.encode().translate(None, _DIGITS).decode()
    dialling = _dialling(region)
    if number[:1] == "+":
        told = _by_code(digits)
        # What is no code is read as if the sign were not there.
        return dialling.goes_abroad(digits) if told is None else told
    if dialling.goes_abroad(digits):
        return True
    plan, code = _plan(dialling.code), str(dialling.code)
    if any(map(plan.has, dialling.without(digits))):
        return True
    if not digits.startswith(code):
        return False
    rest = digits[len(code) :]
    # What comes before it may be taken off with the code, and once more behind that.
    return any(plan.has(one) for it in dialling.without(rest) for one in dialling.without(it))


def _by_code(digits: str) -> bool | None:
    """The same of a number with its country's code; None where it begins with no such code."""
    for size in range(1, _LONGEST_CODE + 1) if digits[:1] != "0" else ():
        code = int(digits[:size] or 0)
        if code in COUNTRY_CODE_TO_REGION_CODE:
            dialling = _dialling(COUNTRY_CODE_TO_REGION_CODE[code][0], code)
            return any(map(_plan(code).has, dialling.without(digits[size:])))
    return None


@cache
def _plan(code: int) -> _Plan:
    lengths: set[int] = set()
    expressions: set[str] = set()
    for one in _metadata_of(code):
        if one.general_desc is not None:
            lengths.update(one.general_desc.possible_length)
        kinds = [getattr(one, kind) for kind in _KINDS]
        expressions.update(it.national_number_pattern for it in kinds if it is not None)
    known = sorted(filter(None, expressions))
    return _Plan(frozenset(lengths), re.compile("|".join(f"(?:{it})" for it in known)))


@cache
def _dialling(region: str, code: int = 0) -> _Dialling:
    own = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    if own is None or own.country_code is None:
        raise KeyError(region)
    # A number with a code is read by the plan of the first of those that share it.
    both = [own, *_metadata_of(own.country_code)[:1]]
    prefixes = {
        one.national_prefix_for_parsing: one.national_prefix_transform_rule
        for one in both
        if one.national_prefix_for_parsing
    }
    abroad = own.international_prefix
    return _Dialling(
        own.country_code,
        re.compile(abroad) if abroad else None,
        tuple((re.compile(prefix), rule) for prefix, rule in prefixes.items()),
    )


def _metadata_of(code: int) -> list[PhoneMetadata]:
    found = (
        PhoneMetadata.metadata_for_region_or_calling_code(code, region)
        for region in COUNTRY_CODE_TO_REGION_CODE[code]
    )
    return [one for one in found if one is not None]
