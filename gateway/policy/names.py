"""What names in a policy look like: short, and safe to show in errors, logs and headers."""

from __future__ import annotations

import re
from typing import Final

__all__ = [
    "check_claim",
    "check_entity",
    "check_glob",
    "check_host_glob",
    "check_name",
    "check_role_name",
]

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_ROLE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}", re.ASCII)
_ENTITY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)
_HOST: Final = re.compile(
    r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
    r"|\[[0-9a-f:.]{2,45}\]",
    re.ASCII,
)
_MAX_GLOB: Final = 256


def check_name(text: str) -> str:
    """The name of a rule, scanner or set of models.

    Raises:
        ValueError: It is no such name; so for all functions here.
    """
    return _check(_NAME, text, "letters, digits, '.', '_' and '-', at most 64")


def check_role_name(text: str) -> str:
    """The name of a role; as tokens name them, so ``/``, ``:``, ``@`` and ``+`` are allowed too."""
    return _check(_ROLE, text, "letters, digits and any of . _ : / @ + -, at most 128")


def check_entity(text: str) -> str:
    """The name of what a scanner finds, such as ``CREDIT_CARD``."""
    return _check(_ENTITY, text, "letters, digits and '_', a letter first, at most 64")


def check_claim(text: str) -> str:
    """The path of a claim, such as ``groups`` or ``realm_access.roles``."""
    return _printable(text, "a claim")


def check_glob(text: str) -> str:
    """The name of a model, or a pattern with ``*``, ``?`` and ``[…]`` for several."""
    return _printable(text, "a model")


def check_host_glob(text: str) -> str:
    """The name of a host as DNS has it, an address, or ``*.`` and what it ends in."""
    if len(text) > _MAX_GLOB or _HOST.fullmatch(text) is None:
        wanted = "a host in lower case (xn-- beyond ASCII), '*.' before it for all below it"
        raise ValueError(f"{text[:64]!r} is no host: write {wanted}; no scheme, port or path")
    return text


def _printable(text: str, what: str) -> str:
    if not text.isprintable() or not text.strip() or len(text) > _MAX_GLOB:
        raise ValueError(f"{text[:64]!r} does not name {what}: printable text, at most 256")
    return text


def _check(pattern: re.Pattern[str], text: str, wanted: str) -> str:
    if pattern.fullmatch(text) is None:
        raise ValueError(f"{text[:64]!r} is no name here; names are {wanted}")
    return text
