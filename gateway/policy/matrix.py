"""What rules say of parameters, in the words of ``gateway.terms.PARAMETERS``.

A condition is asked in two ways, and what the gateway cannot know counts against the request each
time: a parameter without a value, spelt in another API's way, or one that the format cannot say.

- ``surely``: ``require``, and the ``when`` of an allow rule. It must hold for every value.
- ``possibly``: the ``when`` of a deny rule or an override. It is enough that it may hold for one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.terms import Value

__all__ = ["Bounds", "Condition"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where a value may lie; what is None bounds nothing.

    Attributes:
        lte: The greatest value; for ``reasoning_effort`` a word of ``EFFORTS``.
        gte: The least value, likewise.
        one_of: The values there may be.
    """

    lte: float | str | None = None
    gte: float | str | None = None
    one_of: tuple[Value, ...] | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """What a rule says of one parameter; all of it must hold.

    Attributes:
        word: The parameter, a word of ``PARAMETERS``.
        present: Whether the request states it: names it at all, or for ``tools``, ``system``,
            ``images``, ``audio`` and ``files`` has at least one.
        bounds: Where its value lies.
        names: For ``tools``: globs of which each tool's name matches at least one.
        any_name: For ``tools``: globs of which at least one tool's name matches one.
        count: For ``tools``: how many there are.
        pinned: For ``system``: the only system text there is.
        prefix: For ``system``: what the first system text begins with.
    """

    word: str
    present: bool | None = None
    bounds: Bounds | None = None
    names: tuple[str, ...] | None = None
    any_name: tuple[str, ...] | None = None
    count: Bounds | None = None
    pinned: str | None = None
    prefix: str | None = None
