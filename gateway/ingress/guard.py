"""One pure decision on a request's line and headers, before anything else looks at them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from gateway.ingress.host import host_name
from gateway.ingress.rules import refuse
from gateway.ingress.target import check_path, check_query

if TYPE_CHECKING:
    from gateway.ingress.headers import Headers

__all__ = ["RequestHead", "content_length", "guard"]

_MAX_HEADERS: Final = 100
_MAX_HEADER: Final = 8 * 2**10
_METHODS: Final = frozenset({"GET", "POST"})
_VERSIONS: Final = frozenset({"1.1"})
_BODILESS: Final = frozenset({"GET", "HEAD", "DELETE"})
# RFC 9110 §5.6.2 token, in lower case as ASGI has names.
_NAME: Final = b"!#$%&'*+-.^`|~0123456789abcdefghijklmnopqrstuvwxyz"
_VALUE: Final = bytes(range(0x20, 0x7F))
_ONCE: Final = frozenset(
    {
        b"host", b"content-length", b"transfer-encoding", b"content-type", b"content-encoding",
        b"authorization", b"x-api-key", b"api-key", b"x-goog-api-key", b"expect", b"upgrade",
        b"connection",
    }
)  # fmt: skip
_CONNECTION: Final = frozenset({b"keep-alive", b"close", b"te"})


@dataclass(frozen=True, slots=True)
class RequestHead:
    """What an ASGI server knows of a request before its body.

    Attributes:
        method: The method, in upper case.
        raw_path: The path as it stood on the wire, still encoded.
        query: What followed ``?``, still encoded.
        http_version: ``1.0``, ``1.1`` or ``2``.
        headers: A copy of the headers.
        peer: The address of the connection's other end, which may be a proxy's.
    """

    method: str
    raw_path: bytes
    query: bytes = field(repr=False)
    http_version: str
    headers: Headers = field(repr=False)
    peer: str | None = None


def guard(
    request: RequestHead,
    *,
    max_headers_bytes: int = 32 * 2**10,
    allowed_hosts: frozenset[str] | None = None,
    methods: frozenset[str] = _METHODS,
    versions: frozenset[str] = _VERSIONS,
) -> None:
    """Refuses a request that some server, proxy or upstream would read differently.

    Args:
        request: The request.
        max_headers_bytes: Bound on all names and values together, with 4 bytes for each line.
        allowed_hosts: Hosts, in lower case and without port (IPv6 in brackets); None takes any.
        methods: The methods served; ``CONNECT`` and ``TRACE`` should never be among them.
        versions: The HTTP versions served.

    Raises:
        BadRequest, TooLarge, MethodNotAllowed: With the id of the broken rule in its ``reason``.
    """
    if request.http_version not in versions:
        refuse("http-version")
    if request.method not in methods:
        refuse("method")
    check_path(request.raw_path)
    check_query(request.query)
    fields = _fields(request.headers, max_headers_bytes)
    _check_host(fields.get(b"host"), allowed_hosts)
    _check_framing(fields, request.method)
    _check_connection(fields)


def content_length(headers: Headers) -> int | None:
    """The declared length of a body that ``guard`` has passed; None where it is not declared."""
    for name, value in headers:
        if name == b"content-length":
            return int(value)
    return None


def _fields(headers: Headers, max_bytes: int) -> dict[bytes, bytes]:
    """The headers by name, once their number, sizes, bytes and repetitions are in order."""
    if not headers:
        refuse("host-missing")
    if len(headers) > _MAX_HEADERS:
        refuse("header-count")
    names, values = zip(*headers, strict=True)
    every_name, every_value = b"".join(names), b"".join(values)
    if len(every_name) + len(every_value) + 4 * len(headers) > max_bytes:
        refuse("headers-size")
    if len(every_value) > _MAX_HEADER and max(map(len, values)) > _MAX_HEADER:
        refuse("header-size")
    if b"_" in every_name:
        refuse("header-underscore")
    if every_name.translate(None, _NAME) or b"" in names:
        refuse("header-name")
    if every_value.translate(None, _VALUE):
        refuse("header-value")
    fields = dict(headers)
    if len(fields) != len(headers) and _repeats(names):
        refuse("duplicate-header")
    return fields


def _repeats(names: tuple[bytes, ...]) -> bool:
    once = [name for name in names if name in _ONCE]
    return len(once) != len(set(once))


def _check_host(host: bytes | None, allowed: frozenset[str] | None) -> None:
    if host is None:
        refuse("host-missing")
    name = host_name(host)
    if name is None:
        refuse("host")
    if allowed is not None and name not in allowed:
        refuse("host-unknown")


def _check_framing(fields: dict[bytes, bytes], method: str) -> None:
    length, coding = fields.get(b"content-length"), fields.get(b"transfer-encoding")
    if length is not None:
        if coding is not None:
            refuse("length-and-chunks")
        if not length.isdigit() or len(length) > 15 or (length[:1] == b"0" and length != b"0"):
            refuse("content-length")
    elif coding is not None and coding != b"chunked":
        refuse("transfer-encoding")
    if method in _BODILESS and (coding is not None or length not in (None, b"0")):
        refuse("body-unexpected")


def _check_connection(fields: dict[bytes, bytes]) -> None:
    if b"upgrade" in fields or b"http2-settings" in fields:
        refuse("upgrade")
    named = fields.get(b"connection")
    if named is not None and named not in _CONNECTION:
        options = {option.strip(b" ") for option in named.lower().split(b",")}
        if not options <= _CONNECTION:
            refuse("connection")
    expect = fields.get(b"expect")
    if expect is not None and expect.lower() != b"100-continue":
        refuse("expect")
