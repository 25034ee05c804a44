"""URLs of PostgreSQL databases: which ones the gateway takes, and how they are shown."""

from __future__ import annotations

import os
import re
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

__all__ = ["check_database_url", "is_database_url", "shown"]

_SCHEMES: Final = ("postgresql://", "postgres://")
_HOST: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/@,\[\]]*)(?::(\d{1,5}))?")
_USERINFO: Final = re.compile(r"(?<=://)[^/?#]*@")
_ENCRYPTED: Final = frozenset({"verify-full", "verify-ca"})
_LOCAL: Final = frozenset({"", "localhost", "127.0.0.1", "::1"})
_OWN: Final = frozenset({"connect_timeout", "password", "replication", "client_encoding"})


def is_database_url(value: str) -> bool:
    """Whether a URL is one of PostgreSQL's."""
    return value.startswith(_SCHEMES)


def shown(url: str) -> str:
    """A URL as people may see it: without its password and parameters."""
    plain = url.partition("?")[0].partition("#")[0]
    found = _USERINFO.search(plain)
    if found is None:
        return plain
    user = found[0][:-1].partition(":")[0]
    return plain.replace(found[0], f"{user}@" if user else "", 1)


def check_database_url(value: str) -> str:
    """The URL itself, where it names a database and nobody on the way to it can listen.

    What is refused is not quoted: it may hold a password.

    Raises:
        ValueError: It does not.
    """
    try:
        parts = urlsplit(value)
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError:
        raise ValueError("the URL of the database cannot be read") from None
    if not is_database_url(value) or not parts.path.strip("/") or parts.fragment:
        raise ValueError("a database is postgresql://USER@HOST:PORT/DATABASE")
    if not value.isprintable() or " " in value or "\x00" in unquote(value):
        raise ValueError("the URL holds characters that no URL has")
    if own := sorted(_OWN & options.keys()):
        raise ValueError(f"{own[0]!r} is no parameter that the URL may hold")
    hosts = _hosts(parts.netloc.rpartition("@")[2])
    hosts |= set(options.get("host", "").split(",")) | set(options.get("hostaddr", "").split(","))
    mode = options.get("sslmode") or os.environ.get("PGSSLMODE", "")
    if not mode and not all(host in _LOCAL or host.startswith("/") for host in hosts):
        raise ValueError(
            "the database is on another machine: say sslmode=verify-full&sslrootcert=FILE in the"
            " URL (sslmode=disable where nobody can listen on the way)"
        )
    if mode in _ENCRYPTED and not (options.get("sslrootcert") or os.environ.get("PGSSLROOTCERT")):
        raise ValueError("sslmode=verify-full needs sslrootcert=FILE, the authority to trust")
    return value


def _hosts(places: str) -> set[str]:
    found = [_HOST.fullmatch(place) for place in places.split(",")]
    if not all(one is not None and int(one[2] or 1) in range(1, 65536) for one in found):
        raise ValueError("the URL has no valid host and port")
    return {unquote(one[1]).strip("[]") for one in found if one is not None}
