"""The sequencer of a gateway process, as the settings say, beside its writer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gateway.audit.keys import load_signer, load_verifiers
from gateway.audit.sequencer import Duty, Sequencer

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from gateway.audit.record import Record
    from gateway.audit.writer import AuditLog
    from gateway.settings import AuditSettings

__all__ = ["start_sequencer"]


def start_sequencer(
    settings: AuditSettings,
    log: AuditLog,
    anchor: Callable[[str], str | None] | None = None,
    on_incident: Callable[[str], None] | None = None,
) -> Sequencer:
    """Starts a sequencer that the log wakes, and that records in it; in the log's event loop.

    Args:
        settings: Where the log is, and its key; earlier keys stand in the ``.vkey`` beside it.
        log: This process's part of the log.
        anchor: As ``Sequencer`` takes it.
        on_incident: As ``Sequencer`` takes it.

    Raises:
        ConfigurationError: A key is unusable.
    """
    loop = asyncio.get_running_loop()

    def record(record: Record) -> Future[str]:
        return asyncio.run_coroutine_threadsafe(log.append(record), loop)

    vkeys = settings.signing_key.with_suffix(".vkey")
    former = load_verifiers(vkeys) if vkeys.is_file() else ()
    duty = Duty(
        settings.store, load_signer(settings.signing_key), former, min(1.0, settings.deadline / 2)
    )
    sequencer = Sequencer(duty, record, anchor, on_incident)
    log.listeners.append(sequencer.wake)
    sequencer.start()
    return sequencer
