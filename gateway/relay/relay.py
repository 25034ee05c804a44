"""Everything that leaves the log of one process, as the settings say."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Final

from gateway.audit.keys import load_signer, load_verifiers
from gateway.audit.note import Kind
from gateway.audit.publishing import Publisher
from gateway.errors import ConfigurationError, Place, Problem, VerificationError
from gateway.relay.mirror import FolderMirror, UrlMirror
from gateway.relay.sinks.opening import check_sink, open_runner
from gateway.relay.witness_client import WitnessClient

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.audit.note import Verifier
    from gateway.audit.sequencer import Sequencer
    from gateway.audit.store.tree import Kept
    from gateway.audit.writer import AuditLog
    from gateway.relay.sinks.runner import Runner
    from gateway.settings import AuditSettings, Settings

    Publish = Callable[[Kept], str]

__all__ = ["Relay", "check_relay"]

_MIRROR: Final = "mirror"
_DEADLINE: Final = 10.0
_MIRROR_PACE: Final = 10.0


class Relay:
    """Witnesses, mirror and sinks of one process, from ``start`` to ``stop``.

    Args:
        settings: All settings.
        audit: Those of the log.
        on_incident: Told in one sentence when somebody outside has seen another history.

    Raises:
        ConfigurationError: A key, a file or a filter is unusable.

    Attributes:
        runners: One for each sink.
        publishers: One for each witness and the mirror, by name, once it has started.
    """

    def __init__(
        self, settings: Settings, audit: AuditSettings, on_incident: Callable[[str], None]
    ) -> None:
        self._on_incident = on_incident
        self._folder = _folder(audit)
        self._told: dict[str, str] = {}
        self._sequencer: Sequencer | None = None
        self._outside: dict[str, tuple[Publish, float, Callable[[], None] | None]] = {}
        for key, url in _witnesses(settings, audit):
            client = WitnessClient(url, key, audit.store, _DEADLINE)
            self._outside[key.name] = partial(self._show, key.name, client), 1.0, client.close
        if audit.mirror is not None:
            mirror = self._folder or UrlMirror(audit.mirror.url or "", _DEADLINE)
            close = mirror.close if isinstance(mirror, UrlMirror) else None
            self._outside[_MIRROR] = partial(self._show, _MIRROR, mirror), _MIRROR_PACE, close
        self.publishers: dict[str, Publisher] = {}
        self.runners: list[Runner] = [
            open_runner(name, one, _place(settings, name), audit.store, self._leads)
            for name, one in audit.sinks.items()
        ]

    def anchor(self, store: str) -> str | None:
        """The newest checkpoint of a store, by its id, that the mirror has.

        Raises:
            AuditUnavailable: The mirror cannot be read.
        """
        return None if self._folder is None else self._folder.newest(store)

    def start(self, sequencer: Sequencer, log: AuditLog) -> None:
        """Begins: checkpoints come from the sequencer, and commits wake the sinks."""
        self._sequencer = sequencer
        for name, (publish, pace, close) in self._outside.items():
            publisher = Publisher(name, publish, sequencer.cosign, pace, close)
            self.publishers[name] = publisher
            sequencer.listeners.append(publisher.offer)
        for runner in self.runners:
            runner.start()
            log.listeners.append(runner.wake)

    def stop(self, seconds: float) -> None:
        """Sends what is left, if that goes at once; waits no longer than that for all together."""
        until = time.monotonic() + seconds
        started = [*self.publishers.values(), *(self.runners if self._sequencer else ())]
        for one in started:
            one.stop(0.0)
        for one in started:
            one.stop(max(0.0, until - time.monotonic()))

    def _leads(self) -> bool:
        return self._sequencer is not None and self._sequencer.elected

    def _show(self, name: str, publish: Publish, kept: Kept) -> str:
        """Shows a checkpoint; what contradicts the log is an incident, each time it is another."""
        try:
            lines = publish(kept)
        except VerificationError as error:
            if self._told.get(name) != str(error):
                self._told[name] = str(error)
                self._on_incident(f"{name}: {error}")
            raise
        self._told.pop(name, None)
        return lines


def check_relay(settings: Settings, audit: AuditSettings) -> str:
    """Whether everything could leave the log as the settings say, in words.

    Raises:
        ConfigurationError: With every problem.
    """
    problems: list[Problem] = []
    try:
        found = [f"witness {key.name}" for key, _ in _witnesses(settings, audit)]
    except ConfigurationError as error:
        found, problems = [], [*error.problems]
    folder = audit.mirror.folder if audit.mirror is not None else None
    if folder is not None and not folder.is_dir():
        place = settings.place("audit", _MIRROR, "folder")
        problems.append(Problem(place, f"there is no folder {folder}", "make it, or mount it"))
    for name, one in audit.sinks.items():
        try:
            check_sink(one, _place(settings, name))
        except ConfigurationError as error:
            problems.extend(error.problems)
    if problems:
        raise ConfigurationError(problems)
    mirrors = [] if audit.mirror is None else [f"mirror {folder or audit.mirror.url}"]
    sinks = [f"sink {name} ({one.kind})" for name, one in audit.sinks.items()]
    return ", ".join([*found, *mirrors, *sinks]) or "nothing leaves the log"


def _witnesses(settings: Settings, audit: AuditSettings) -> list[tuple[Verifier, str]]:
    """Keys and URLs of witnesses.

    Raises:
        ConfigurationError: A key is none of a witness, or stands twice.
    """
    found: dict[str, tuple[Verifier, str]] = {}
    own = _own_key(audit.signing_key) if audit.witnesses else b""
    for number, one in enumerate(audit.witnesses):
        key = _cosigner(one.vkey, own)
        if key.name in found or key.name == _MIRROR:
            place = settings.place("audit", "witnesses", number)
            message = f"another witness is called {key.name}, too"
            raise ConfigurationError(Problem(place, message, "each needs a name of its own"))
        found[key.name] = key, one.url
    return list(found.values())


def _own_key(path: Path) -> bytes:
    return load_signer(path).key.public_key().public_bytes_raw()


def _cosigner(path: Path, own: bytes) -> Verifier:
    """A witness's key: not the log's own, which would let the log be its own witness."""
    for key in load_verifiers(path):
        if key.kind is Kind.COSIGNATURE and key.key.public_bytes_raw() != own:
            return key
    advice = "name the witness's public key (witness.vkey)"
    raise ConfigurationError(Problem(Place(str(path)), "this is no witness's key", advice))


def _folder(audit: AuditSettings) -> FolderMirror | None:
    mirror = audit.mirror
    return FolderMirror(mirror.folder) if mirror is not None and mirror.folder else None


def _place(settings: Settings, name: str) -> Place:
    return settings.place("audit", "sinks", name)
