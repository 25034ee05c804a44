"""The control plane of a running gateway, as commands ask it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import httpx

from gateway.errors import ConfigurationError, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Remote", "ServerEvent"]

_TIMEOUT: Final = httpx.Timeout(10.0, read=60.0)
_RETRY: Final = 1.0


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One server-sent event."""

    kind: str
    cursor: str
    data: str


class Remote:
    """A gateway at a URL, asked with a token.

    Args:
        url: Where it listens, without ``/gateway``.
        token: The caller's token.

    Raises:
        ConfigurationError: The token can stand in no header.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        if not token.isascii():
            raise self._problem("the token is none: it has characters beyond ASCII")
        self._headers = {"authorization": f"Bearer {token}"}

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """The JSON answer of a path.

        Raises:
            ConfigurationError: The gateway cannot be reached, or refuses.
        """
        answer = self._get(path, params)
        try:
            return answer.json()
        except ValueError as error:
            raise self._problem(str(error)) from None

    def text(self, path: str) -> str:
        """The answer of a path as it is.

        Raises:
            ConfigurationError: The gateway cannot be reached, or refuses.
        """
        return self._get(path, None).text

    def _get(self, path: str, params: Mapping[str, str] | None) -> httpx.Response:
        try:
            with httpx.Client(headers=self._headers, timeout=_TIMEOUT) as client:
                answer = client.get(self._url + path, params=dict(params or {}))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._problem(str(error) or type(error).__name__) from None
        if not answer.is_success:
            raise self._problem(_refusal(answer))
        return answer

    def stream(
        self, path: str, params: Mapping[str, str], cursor: str = ""
    ) -> Iterator[ServerEvent]:
        """The server-sent events of a path, without end: a lost connection is resumed.

        Args:
            path: The path.
            params: Its query.
            cursor: The id of the last event that was seen.

        Raises:
            ConfigurationError: The gateway refuses, or cannot be reached at the first try.
        """
        connected = False
        while True:
            try:
                for event in self._events(path, params, cursor):
                    connected = True
                    cursor = event.cursor or cursor
                    if event.data:
                        yield event
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                if not connected:
                    raise self._problem(str(error) or type(error).__name__) from None
            time.sleep(_RETRY)

    def place(self, path: str) -> str:
        """Where a stream begins that is asked for now: its cursor, empty where it says none.

        Raises:
            ConfigurationError: The gateway refuses, or cannot be reached.
        """
        try:
            return next((one.cursor for one in self._events(path, {}, "") if one.cursor), "")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._problem(str(error) or type(error).__name__) from None

    def _events(self, path: str, params: Mapping[str, str], cursor: str) -> Iterator[ServerEvent]:
        headers = {**self._headers, "accept": "text/event-stream"}
        if cursor:
            headers["last-event-id"] = cursor
        with (
            httpx.Client(headers=headers, timeout=_TIMEOUT) as client,
            client.stream("GET", self._url + path, params=dict(params)) as answer,
        ):
            if answer.is_client_error:
                answer.read()
                raise self._problem(_refusal(answer))
            answer.raise_for_status()
            # The connection stands: from here on a failure is worth another try. The first thing
            # that comes has no data, and the place where the stream begins.
            yield ServerEvent("", "", "")
            yield from _parse(answer.iter_lines())

    def _problem(self, message: str) -> ConfigurationError:
        return ConfigurationError(Problem(Place(self._url), message, "check --url and --token"))


def _parse(lines: Iterator[str]) -> Iterator[ServerEvent]:
    """Events of a stream (WHATWG HTML §9.2.6); comments keep the connection alive."""
    fields: dict[str, list[str]] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields.setdefault(name, []).append(value.removeprefix(" "))
            continue
        if "data" in fields or "id" in fields:
            kind, cursor = fields.get("event", ["message"])[-1], fields.get("id", [""])[-1]
            yield ServerEvent(kind, cursor, "\n".join(fields.get("data", [])))
        fields = {}


def _refusal(answer: httpx.Response) -> str:
    try:
        message = answer.json()["error"]["message"]
    except (ValueError, KeyError, TypeError):
        message = ""
    return f"the gateway answered {answer.status_code}" + (f": {message}" if message else "")
