"""What a policy may refer to outside itself: routes, entities and the syntax of patterns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.policy.model import ROUTES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from gateway.terms import ScannerKind

__all__ = ["Known"]


@dataclass(frozen=True, slots=True)
class Known:
    """What references are checked against; what is None is not checked.

    Attributes:
        routes: The names of the routes of every gateway.
        own: The names of routes that upstreams have of their own, each with its only model; None
            where the settings, which say so, are not known.
        entities: Per kind of scanner the entities it can find.
        check_pattern: Says what is wrong with a regular expression, or None.
        models: The models that scanners may ask, each with the kind of scanner that it is for; None
            where the settings are not known.
        check_term: Says what is wrong with a term of a list, or None.
        regions: The countries whose telephone numbers are known.
    """

    routes: Collection[str] = ROUTES
    own: Mapping[str, str] | None = None
    entities: Mapping[ScannerKind, Collection[str]] | None = None
    check_pattern: Callable[[str], str | None] | None = None
    models: Mapping[str, str] | None = None
    check_term: Callable[[str], str | None] | None = None
    regions: Collection[str] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all routes that a policy may speak of."""
        return (*self.routes, *(self.own or ()))
