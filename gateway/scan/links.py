r"""Links and images that lead to hosts which a rule does not list.

A link is what a browser or a chat window would follow: a scheme and a host, or two slashes and a
host where Markdown or HTML names a target. Hosts are compared as browsers read them: without
account and port, in lower case, ``\`` as ``/``; what cannot be read so leads to a foreign host.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from gateway.scan.detector import make

if TYPE_CHECKING:
    from gateway.scan.detector import Candidate, Check, Detector

__all__ = ["FOREIGN_LINK", "link_detectors"]

FOREIGN_LINK: Final = "FOREIGN_LINK"
_AUTHORITY: Final = r"[^\s/\\?#\"'<>()\[\]{}|^`]{1,256}"
_BRACKETED: Final = r"(?:[^\s/\\?#\"'<>()\[\]{}|^`]{0,64}@)?\[[0-9A-Fa-f:.%]{2,64}\](?::\d{1,5})?"
_REST: Final = r"(?:[/\\?#][^\s\"'<>()\[\]{}|^`]{0,600})?"
_HOST: Final = rf"(?:{_BRACKETED}|{_AUTHORITY}){_REST}"
_WITH_SCHEME: Final = rf"\b[A-Za-z][A-Za-z0-9+.-]{{1,15}}:[/\\]{{1,4}}{_HOST}"
_WITHOUT: Final = (
    rf"(?:\]\(\s{{0,4}}<?|\]:\s{{0,4}}<?|(?:src|href|action|background|poster)\s{{0,2}}=\s{{0,2}}"
    rf"[\"']?)([/\\]{{2,4}}{_HOST})"
)
_START: Final = re.compile(r"[^/\\]{0,20}[/\\]+")
_END: Final = re.compile(r"[/\\?#]")
_NAME: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_-]{1,63})*")


def link_detectors(hosts: tuple[str, ...], rule: str) -> tuple[Detector, ...]:
    """What finds links to other hosts than these; ``*.example.com`` is all below that one."""
    check = _foreign(hosts)
    return tuple(
        make("links", FOREIGN_LINK, pattern, check, group=group, ignore_case=True, rule=rule)
        for pattern, group in ((_WITH_SCHEME, 0), (_WITHOUT, 1))
    )


def _foreign(hosts: tuple[str, ...]) -> Check:
    exact = frozenset(host for host in hosts if not host.startswith("*."))
    below = tuple(host[1:] for host in hosts if host.startswith("*."))

    def check(found: Candidate) -> float | None:
        host = host_of(found.value)
        if host is not None and (host in exact or host.endswith(below or ("\0",))):
            return None
        return 1.0

    return check


def host_of(link: str) -> str | None:
    """The host that a browser would ask, in lower case; None where that cannot be told."""
    start = _START.match(link)
    authority = _END.split(link[start.end() :] if start else link, maxsplit=1)[0]
    name = unquote(authority.rpartition("@")[2]).lower()
    if name.startswith("["):
        return name.partition("]")[0] + "]"
    name = name.partition(":")[0].rstrip(".,;!*_~")
    return name if _NAME.fullmatch(name) else _in_ascii(name)


def _in_ascii(name: str) -> str | None:
    try:
        known = name.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return known if _NAME.fullmatch(known) else None
