"""Claims of a token by their paths, as settings and policies name them."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["claim_at", "strings_at"]


def claim_at(claims: Mapping[str, object], path: str) -> object | None:
    """The claim at a path; None where nothing stands.

    A claim whose whole name is the path comes first, so names such as ``cognito:groups`` and
    ``https://example.com/roles`` need no quoting. Otherwise dots lead inwards, and what is left
    of the path is again tried as a whole name first: ``realm_access.roles`` and
    ``app.https://example.com/roles`` both work. Lists have no paths into them.
    """
    node: object = claims
    while isinstance(node, Mapping):
        if path in node:
            found: object = node[path]
            return found
        head, dot, path = path.partition(".")
        if not dot:
            return None
        node = node.get(head)
    return None


def strings_at(claims: Mapping[str, object], path: str) -> tuple[str, ...]:
    """The string, or the list of strings, at a path.

    Anything else is nothing: a list with a single member of another type is wholly ignored, as
    a claim that is not what it should be gives no rights.
    """
    value = claim_at(claims, path)
    if isinstance(value, str):
        return (value,)
    if isinstance(value, (list, tuple)) and all(isinstance(member, str) for member in value):
        return tuple(value)
    return ()
