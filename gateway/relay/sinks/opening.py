"""Makes the sinks that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from gateway.audit.filters import Filters
from gateway.errors import BadRequest, ConfigurationError, Problem
from gateway.key_files import read_key_file, refuse_key
from gateway.relay.outlet import Outlet, trusting
from gateway.relay.sinks.otlp import Otlp
from gateway.relay.sinks.runner import Runner, Share
from gateway.relay.sinks.syslog import Syslog
from gateway.relay.sinks.webhook import Webhook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.errors import Place
    from gateway.relay.sinks.parcel import Sink
    from gateway.sink_settings import SinkSettings

__all__ = ["check_sink", "open_runner"]

_LEAST_SECRET: Final = 16
_LOGS: Final = "/v1/logs"
_NO_FILTERS: Final = frozenset({"limit", "cursor"})


def open_runner(
    name: str, settings: SinkSettings, place: Place, store: str, leads: Callable[[], bool]
) -> Runner:
    """A sink's runner, ready to start.

    Args:
        name: The sink's name.
        settings: What it is.
        place: Where that stands.
        store: The store's URL.
        leads: Whether this process carries.

    Raises:
        ConfigurationError: A filter or a file of it is unusable.
    """
    share = Share(_filters(settings, place), settings.batch)
    return Runner(name, _sink(settings), store, share, leads)


def check_sink(settings: SinkSettings, place: Place) -> None:
    """Whether a sink can be made.

    Raises:
        ConfigurationError: As ``open_runner``.
    """
    _filters(settings, place)
    _sink(settings).close()


def _filters(settings: SinkSettings, place: Place) -> Filters:
    wrong = sorted(_NO_FILTERS & settings.filters.keys())
    if wrong:
        raise ConfigurationError(Problem(place, f"a sink has no filter {wrong[0]!r}"))
    try:
        return Filters.parse({name: str(value) for name, value in settings.filters.items()})
    except BadRequest as error:
        raise ConfigurationError(Problem(place, error.message)) from None


def _sink(settings: SinkSettings) -> Sink:
    parts = urlsplit(settings.url)
    tls = None
    if parts.scheme in {"https", "tls"}:
        tls = trusting(settings.ca_file, settings.certificate_file, settings.key_file)
    if settings.kind == "syslog":
        return Syslog(
            parts.hostname or "",
            parts.port or 0,
            settings.format or "cef",
            settings.deadline,
            tls,
        )
    headers = {}
    if settings.token_file is not None:
        headers["authorization"] = f"Bearer {_secret(settings.token_file, 1)}"
    url = settings.url.rstrip("/")
    if settings.kind == "otlp":
        target = url if parts.path.strip("/") else url + _LOGS
        return Otlp(Outlet(target, settings.deadline, tls, headers))
    secret = settings.secret_file
    key = None if secret is None else _secret(secret, _LEAST_SECRET).encode()
    outlet = Outlet(url, settings.deadline, tls, headers)
    return Webhook(outlet, settings.format or "jsonl", key)


def _secret(path: Path, least: int) -> str:
    """One line of printable ASCII in a private file."""
    advice = "write it with `openssl rand -hex 32`, mode 0600"
    text = read_key_file(path, advice, private=True).decode("ascii", "replace").strip()
    if len(text) < least or not text.isascii() or not text.isprintable():
        refuse_key(path, f"this is no secret of at least {least} printable characters", advice)
    return text
