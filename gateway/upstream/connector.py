"""The pool of connections to the upstreams."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

__all__ = ["Connector"]


class Connector(aiohttp.TCPConnector):
    """A pool that gives out no connection on which something came that nobody had asked for.

    What an upstream, or a proxy in front of it, sends into an idle connection would be taken for
    the answer to the next request, which is another caller's (response queue poisoning). Such a
    connection is closed, and the next one is tried. What comes once a request is on its way cannot
    be told from its answer.
    """

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - the library's own name for it
    ) -> Connection:
        """A connection for a request: one from the pool on which nothing has come, or a new one."""
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol = connection.protocol
            if protocol is None or not protocol.should_close:
                return connection
            connection.close()
