"""The query of a request: only parameters that a route knows, spelt in one way."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gateway.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["read_query"]

# No percent-encoding, no "+": nothing that two servers could decode into two values, and no place
# for a text that nobody reads.
_VALUE: Final = re.compile(r"[A-Za-z0-9._-]{0,64}", re.ASCII)
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


def read_query(raw: bytes, known: Collection[str]) -> Mapping[str, str]:
    """The parameters of a raw query, without its ``?``.

    Raises:
        BadRequest: One of them is not known, stands twice, or has a value of another form.
    """
    if not raw:
        return _NONE
    found: dict[str, str] = {}
    for pair in raw.decode("latin-1").split("&"):
        name, _, value = pair.partition("=")
        if name not in known or name in found or _VALUE.fullmatch(value) is None:
            raise BadRequest(
                "the query has a parameter that the route does not take",
                message="The query of this URL has a parameter that is not taken here.",
            )
        found[name] = value
    return MappingProxyType(found)
