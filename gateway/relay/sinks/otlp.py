"""Records as log records of OpenTelemetry, over OTLP/HTTP with JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson
import structlog

from gateway.audit.exports.genai import to_log_record, to_logs
from gateway.relay.outlet import Undelivered
from gateway.relay.sinks.parcel import TooLarge

if TYPE_CHECKING:
    from gateway.relay.outlet import Outlet
    from gateway.relay.sinks.parcel import Parcel

__all__ = ["Otlp"]

_log = structlog.get_logger("gateway.relay")
_JSON: Final = {"content-type": "application/json"}


class Otlp:
    """A ``Sink`` that is an OpenTelemetry collector."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet

    def send(self, parcel: Parcel) -> None:
        """Exports a parcel. What a collector rejects for good is not sent again, as OTLP asks."""
        answer = self._outlet.post(orjson.dumps(to_logs(parcel.each(to_log_record))), _JSON)
        if answer.status == 413:
            raise TooLarge("the collector refuses with status 413")
        if answer.status != 200:
            raise Undelivered(f"the collector refuses with status {answer.status}")
        rejected = _rejected(answer.body)
        if rejected:
            _log.error("records_rejected", by="collector", count=rejected)

    def close(self) -> None:
        """Closes its connections."""
        self._outlet.close()


def _rejected(body: bytes) -> int:
    """How many records a partial success leaves out; a collector may say nothing at all."""
    try:
        return int(orjson.loads(body)["partialSuccess"]["rejectedLogRecords"])
    except (ValueError, TypeError, KeyError):
        return 0
