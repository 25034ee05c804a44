"""The types of values in ``gateway.yaml``: URLs, paths, sizes, header names, networks."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from gateway.database_urls import check_database_url, is_database_url
from gateway.pointers import parse_pointer
from gateway.units import parse_duration, parse_size

__all__ = [
    "Duration",
    "FilePath",
    "HeaderName",
    "HeaderValue",
    "HttpUrl",
    "Network",
    "Pointer",
    "SecureUrl",
    "Size",
    "StateUrl",
    "StoreUrl",
    "check_secure_url",
    "is_local",
]

_SQLITE: Final = "sqlite:///"
_OWN_HEADERS: Final = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "content-type", "host",
     "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)  # fmt: skip


def is_local(host: str | None) -> bool:
    """Whether a host is this machine."""
    return host in {"localhost", "127.0.0.1", "::1"}


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError:
        raise ValueError("a network is written as 10.0.0.0/8 or ::1/128") from None


def _state(value: str) -> str:
    # What is refused is not quoted: it may hold a password.
    if value == "memory":
        return value
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError("the URL has no valid host and port") from None
    if parts.scheme not in {"redis", "rediss"} or not parts.hostname or port == 0:
        raise ValueError("the state is memory, or redis://HOST:PORT/DB, or rediss://…")
    return value


def _http_url(value: str) -> str:
    # What is refused is not quoted: it may hold a password.
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError("the URL has no valid host and port") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise ValueError("the value is not an http or https URL")
    if "@" in parts.netloc or {"?", "#"} & set(value):
        raise ValueError("a URL here has no credentials, query or fragment")
    if not value.isascii() or not value.isprintable() or set(value) & set(' \\"<>^`{|}'):
        raise ValueError("the URL holds characters that no URL has")
    return value.rstrip("/")


def check_secure_url(value: str) -> str:
    """The URL itself, where it is https or on this machine.

    Raises:
        ValueError: It is not, or it is no URL that the settings take.
    """
    parts = urlsplit(_http_url(value))
    if parts.scheme != "https" and not is_local(parts.hostname):
        raise ValueError("the URL must be https; http is for this machine only")
    return value


def _foreign_header(value: str) -> str:
    if value.lower() in _OWN_HEADERS:
        raise ValueError(f"the gateway writes {value.lower()!r} itself")
    return value


def _header_value(value: str) -> str:
    # RFC 9110 §5.5; a line break from the end of a secret's file would split the request.
    if not value.isascii() or not value.isprintable() or value != value.strip():
        raise ValueError("this is no header value: printable ASCII without spaces at its ends")
    return value


def _pointer(value: str) -> str:
    parse_pointer(value)
    return value


def _resolve(value: Path, info: ValidationInfo) -> Path:
    folder: Path = (info.context or {}).get("folder", Path())
    return (folder / value.expanduser()).resolve()


def _store_url(value: str, info: ValidationInfo) -> str:
    if is_database_url(value):
        return check_database_url(value)
    path = value.removeprefix(_SQLITE)
    if path == value or not path or "\x00" in path:
        raise ValueError("the store must be sqlite:///PATH or postgresql://…")
    return _SQLITE + str(_resolve(Path(path), info))


Size = Annotated[int, BeforeValidator(parse_size)]
Duration = Annotated[float, BeforeValidator(parse_duration)]
FilePath = Annotated[Path, AfterValidator(_resolve)]
StoreUrl = Annotated[str, AfterValidator(_store_url)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
SecureUrl = Annotated[str, AfterValidator(check_secure_url)]
StateUrl = Annotated[str, AfterValidator(_state)]
Network = Annotated[str, AfterValidator(_network)]
Pointer = Annotated[str, AfterValidator(_pointer)]
HeaderName = Annotated[str, AfterValidator(_foreign_header)]
HeaderValue = Annotated[str, AfterValidator(_header_value)]
