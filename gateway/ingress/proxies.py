"""Which address a request came from, where proxies of one's own stand in front."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateway.ingress.headers import Headers

__all__ = ["Proxies"]

_FORWARDED_FOR: Final = b"x-forwarded-for"
_MAX_HOPS: Final = 16
_MAX_LENGTH: Final = 60


class Proxies:
    """The proxies that are believed about who is behind them.

    Args:
        networks: Their addresses, as ``10.0.0.0/8`` or ``::1/128``; nobody is believed if there
            are none.
    """

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks = tuple(ip_network(network) for network in networks)

    def trusts(self, peer: str | None) -> bool:
        """Whether the other end of a connection is one of these proxies."""
        return bool(self._networks) and peer is not None and self._is_ours(_address(peer))

    def client_address(self, peer: str | None, headers: Headers) -> str | None:
        """The address of the client.

        Each proxy appends to ``X-Forwarded-For`` the address that it was called from, so the list
        is believed from its right end on for as long as a trusted proxy wrote it: the right-most
        address that is no trusted proxy's is the client's, and whatever stands left of it are the
        client's own words. An entry that is no address is not believed, nor what is left of it;
        the client is then the last address that was.

        Args:
            peer: The address of the connection's other end, None where it has none.
            headers: The headers of the request; several lines of the header are one list
                (RFC 9110 §5.3).

        Returns:
            An IPv4 or IPv6 address in its canonical form, or what ``peer`` is if it is neither.
        """
        address = None if peer is None else _address(peer)
        if address is None or not self._is_ours(address):
            return peer if address is None else str(address)
        for entry in islice(_entries(headers), _MAX_HOPS):
            before = _forwarded(entry)
            if before is None:
                break
            address = before
            if not self._is_ours(address):
                break
        return str(address)

    def _is_ours(self, address: IPv4Address | IPv6Address | None) -> bool:
        return address is not None and any(address in network for network in self._networks)


def _entries(headers: Headers) -> Iterator[str]:
    """The entries of the list from its right end on."""
    for name, value in reversed(headers):
        if name == _FORWARDED_FOR:
            yield from reversed(value.decode("latin-1").split(","))


def _forwarded(entry: str) -> IPv4Address | IPv6Address | None:
    """An entry as proxies write it: an address, an IPv6 one also in brackets, perhaps a port."""
    text = entry.strip(" ")
    # A zone (RFC 4007 §11) means something only on the machine that wrote it.
    if len(text) > _MAX_LENGTH or "%" in text:
        return None
    if text.startswith("["):
        text, bracket, port = text[1:].partition("]")
        return _address(text) if bracket and ":" in text and _is_port(port) else None
    if text.count(":") == 1:
        text, colon, port = text.partition(":")
        return _address(text) if _is_port(colon + port) else None
    return _address(text)


def _is_port(text: str) -> bool:
    digits = text[1:]
    return not text or (
        text[0] == ":" and len(digits) <= 5 and digits.isascii() and digits.isdigit()
    )


@lru_cache(maxsize=4096)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An address in one form: without zone, and IPv4 as such where it stands within IPv6."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return address if mapped is None else mapped
