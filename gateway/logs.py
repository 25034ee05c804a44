"""Operational logs: one JSON object per line on stderr.

A line holds an event's name and facts chosen by us. It never holds text of a prompt or an answer,
a token or a matched value: exceptions are logged by type and place, not by their words.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from typing import TYPE_CHECKING, Any, TextIO, cast

import structlog

from gateway.steps.faults import fault

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor

__all__ = ["configure_logs"]


def configure_logs(level: str = "info") -> None:
    """Sends our own log lines and those of the libraries to stderr as JSON."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _only_facts,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Lossy(sys.stderr))),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            pass_foreign_args=True,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    # A line that cannot be written is lost: the report of that would quote its arguments.
    logging.raiseExceptions = False
    root = logging.getLogger()
    root.handlers = [handler]
    # What libraries say below a warning is for their own authors.
    root.setLevel(logging.WARNING)


class _Lossy:
    """A file of lines that loses what cannot be written, as libraries' loggers do.

    Where a disk is full or a pipe has no reader, whoever says so must go on: the thread that writes
    the audit log says it, and would never write again.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Writes, if it can be done."""
        with contextlib.suppress(OSError, ValueError):
            self._file.write(text)
        return len(text)

    def flush(self) -> None:
        """Flushes, if it can be done."""
        with contextlib.suppress(OSError, ValueError):
            self._file.flush()


def _only_facts(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Replaces an exception, whose words may quote a request, by its type and place."""
    info = event.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else info
    if info is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event.update(fault(error))
    record = event.get("_record")
    if record is not None:
        event["event"] = _template(record, event.pop("positional_args", None))
        event["logger"] = record.name
        if record.exc_info and record.exc_info[1] is not None:
            event.update(fault(record.exc_info[1]))
        record.exc_info = record.exc_text = None
    return event


def _template(record: logging.LogRecord, args: object) -> str:
    """What a library says, without what it says it of.

    The arguments of its message may hold anything. A message without any was made by the library
    itself: with an exception it may quote it, and details follow in lines below the first.
    """
    if not isinstance(record.msg, str) or (record.exc_info and not args):
        return "error"
    return next(iter(record.msg.splitlines()), "")[:200]
