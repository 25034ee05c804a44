"""Log lines are JSON and hold facts: never an exception's words, never a library's arguments."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from gateway.logs import configure_logs

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "s3cr3t-prompt"


@pytest.fixture
def stderr(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr(logging, "raiseExceptions", True)
    with monkeypatch.context() as patch:
        written = io.StringIO()
        patch.setattr(sys, "stderr", written)
        configure_logs()
    yield written
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def line(stderr: io.StringIO) -> dict[str, Any]:
    err = stderr.getvalue()
    assert SECRET not in err
    (text,) = err.splitlines()
    value: dict[str, Any] = json.loads(text)
    return value


def refuse() -> None:
    raise ValueError(SECRET)


def raised() -> ValueError:
    try:
        refuse()
    except ValueError as error:
        return error
    raise AssertionError


def test_a_line_is_an_event_with_its_facts(stderr: io.StringIO) -> None:
    structlog.get_logger("gateway").info("policy_loaded", digest="abc", rules=3)
    found = line(stderr)
    assert found.pop("timestamp").endswith("Z")
    assert found == {"event": "policy_loaded", "digest": "abc", "rules": 3, "level": "info"}


_FULL = """
import structlog
from gateway.logs import configure_logs

configure_logs()
structlog.get_logger("gateway").error("audit_unavailable", detail="the disk is full")
print("went on")
"""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_a_line_that_cannot_be_written_is_lost_and_ends_nothing() -> None:
    # The thread that writes the audit log died of saying that the disk was full.
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", _FULL], stdout=subprocess.PIPE, stderr=full, text=True,
            check=False, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        )  # fmt: skip
    # What is left in Python's own buffer cannot be written at its end either: that is 120.
    assert (done.stdout, done.returncode in {0, 120}) == ("went on\n", True)


def test_a_closed_file_of_lines_ends_nothing(stderr: io.StringIO) -> None:
    log = structlog.get_logger("gateway")
    log.info("before")
    stderr.close()
    log.info("after")


def test_our_exceptions_are_logged_by_type_and_place(stderr: io.StringIO) -> None:
    structlog.get_logger("gateway").error("internal_fault", exc_info=raised())
    found = line(stderr)
    assert found["error"] == "ValueError"
    assert found["at"].startswith("test_logs.py:")


def test_an_exception_being_handled_is_logged_by_type(stderr: io.StringIO) -> None:
    try:
        refuse()
    except ValueError:
        structlog.get_logger("gateway").exception("internal_fault")
    assert line(stderr)["error"] == "ValueError"


def test_a_librarys_arguments_stay_out(stderr: io.StringIO) -> None:
    logging.getLogger("library").error("cannot read %r of %s", SECRET, SECRET)
    found = line(stderr)
    assert found["event"] == "cannot read %r of %s"
    assert (found["logger"], found["level"]) == ("library", "error")


def test_a_librarys_named_arguments_stay_out(stderr: io.StringIO) -> None:
    logging.getLogger("library").error("cannot read %(what)s", {"what": SECRET})
    assert line(stderr)["event"] == "cannot read %(what)s"


def test_a_librarys_exception_with_arguments(stderr: io.StringIO) -> None:
    logging.getLogger("library").error("task %r failed", SECRET, exc_info=raised())
    found = line(stderr)
    assert (found["event"], found["error"]) == ("task %r failed", "ValueError")


def test_a_message_made_with_its_exception_does_not_quote_it(
    stderr: io.StringIO,
) -> None:
    error = raised()
    logging.getLogger("library").error(f"failed: {error}", exc_info=error)  # noqa: G004 - what libraries do
    assert (line(stderr)["event"]) == "error"


def test_an_exception_as_the_message_does_not_show(stderr: io.StringIO) -> None:
    logging.getLogger("library").error(raised())
    assert line(stderr)["event"] == "error"


def test_details_below_a_messages_first_line_stay_out(stderr: io.StringIO) -> None:
    logging.getLogger("asyncio").error("Unclosed session\nsession: " + SECRET)  # noqa: G003 - what libraries do
    assert line(stderr)["event"] == "Unclosed session"


def test_the_event_loops_own_report_does_not_quote(stderr: io.StringIO) -> None:
    loop = asyncio.new_event_loop()
    context = {"message": "Task exception was never retrieved", "exception": raised()}
    loop.default_exception_handler({**context, "future": SECRET})
    loop.close()
    assert line(stderr)["error"] == "ValueError"


def test_libraries_chatter_is_not_logged(stderr: io.StringIO) -> None:
    logging.getLogger("library").info("hello")
    assert stderr.getvalue() == ""


def test_a_long_message_is_cut(stderr: io.StringIO) -> None:
    logging.getLogger("library").warning("x" * 1000)
    assert line(stderr)["event"] == "x" * 200


def test_a_line_that_cannot_be_written_is_not_quoted_either(
    stderr: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    stderr.close()
    logging.getLogger("library").error("cannot read %r", SECRET)
    assert capsys.readouterr() == ("", "")
