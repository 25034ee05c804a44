"""The scanners of a policy, compiled once, for texts and for streams."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import cache
from hashlib import sha256
from math import inf
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gateway.scan import gapless
from gateway.scan.cache import HitCache, ScanCache
from gateway.scan.channel import Channel
from gateway.scan.decode import RUN
from gateway.scan.detector import Detector, make, make_list
from gateway.scan.disguised import disguised
from gateway.scan.finding import Scan
from gateway.scan.guards import guards_of
from gateway.scan.injection import INJECTION
from gateway.scan.joined import joined_hits
from gateway.scan.judging import heads_of, judged, prepare, suspicion
from gateway.scan.matcher import Automaton, forget
from gateway.scan.opinions import together
from gateway.scan.pii import PII, national_phone
from gateway.scan.rating import HIDDEN_TEXT, PROMPT_INJECTION, rule_of
from gateway.scan.reader import Reader
from gateway.scan.rewriting import REDACTING
from gateway.scan.runs import Runs
from gateway.scan.secrets import SECRETS
from gateway.scan.selection import Selection
from gateway.scan.stand_ins import STAND_IN, detectors_of
from gateway.scan.stream import MAX_HOLD, StreamScanner
from gateway.scan.views import views
from gateway.scan.vocabulary import ONE_TEXT
from gateway.scan.words import word_list
from gateway.terms import ANSWERS, PROVENANCES, Action, EntityRule, Provenance, ScannerSpec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.scan.detector import Candidate
    from gateway.scan.finding import Replacement
    from gateway.scan.reader import Hit
    from gateway.scan.rewriting import Words
    from gateway.terms import ScannerKind

__all__ = ["VERSION", "Engine", "default_specs", "known_entities"]

VERSION: Final = "4"
"""Changes whenever the built-in detectors or the meaning of their scores do."""
_JOINED: Final = 4096
"""Characters of a text that is read together with what stands before it, in one go."""


class Engine:
    """Everything that the scanners of one policy need; immutable, safe between threads.

    Args:
        specs: The scanners of the policy; names are unique, patterns passed ``check_pattern``.

    Attributes:
        patience: Seconds of processor time that its callers let it read the texts of one
            direction of a call (``gateway.scan.patience``), by itself as many as it takes; to be
            set before calls are served.
        shown: Per scanner the name that findings and audit records give.
        runs: What its callers found in some texts, a few at a time.

    Raises:
        RegexError: A pattern does not work.
        ModelFileError: The weights that come with the gateway are damaged.
    """

    def __init__(self, specs: Sequence[ScannerSpec]) -> None:
        self.patience = inf
        self._specs = {spec.name: spec for spec in specs}
        self.shown = MappingProxyType({spec.name: spec.shown for spec in specs})
        known = [one for one in _detectors(specs) if _wanted(one, specs)]
        lists = _lists(specs)
        self._tokenised = {spec.name: _tokenised(spec, [*known, *lists]) for spec in specs}
        self._detectors = [*known, *detectors_of(set().union(*self._tokenised.values()))]
        self._automaton = Automaton([RUN.trigger, *(one.regex.trigger for one in self._detectors)])
        # Lists are no expressions: they come after all that the automaton knows.
        self._detectors += lists
        self._selections: dict[tuple[Provenance, tuple[str, ...]], Selection] = {}
        self._varied = any(spec.of for spec in specs)
        self._readers: dict[tuple[int, ...], Reader] = {}
        self._lock = threading.Lock()
        prepare(specs)
        self._cache = ScanCache()
        self._hits = HitCache()
        self.runs = Runs()
        self.digest = _digest(specs)

    def scan(
        self,
        text: str,
        provenance: Provenance,
        scanners: Sequence[str],
        words: Words = REDACTING,
        beside: tuple[Hit, ...] | None = None,
    ) -> Scan:
        """Scan a whole text.

        Args:
            text: Any text; what takes more than 64 KiB is better scanned in a thread.
            provenance: Who wrote it; only scanners that read this provenance run.
            scanners: Names of scanners of the policy.
            words: Know which stand-ins were issued: into those no scanner looks.
            beside: What models beside the detectors found in it (``opinions.hits_of``); None where
                none was asked.

        Raises:
            KeyError: The policy has no scanner of that name.
        """
        selection = self._selection(provenance, scanners)
        if selection.empty or not text:
            return Scan((), len(text), Action.ALLOW)
        if beside is not None:
            # What a model says may change, and is in no cache of texts.
            hits = together(self._known_hits(text, selection), beside)
            return _scan(text, selection, hits, words)
        key = self._cache.key(text, selection.key)
        scan = self._cache.get(key)
        if scan is None:
            shared = selection.read is not None
            hits = self._known_hits(text, selection) if shared else _hits(text, selection)
            scan = _scan(text, selection, hits)
            self._cache.put(key, scan)
        if any(_is_issued(one, text, words) for one in scan.replacements):
            # What was issued hangs on the call, and is in no cache of texts.
            return _scan(text, selection, self._known_hits(text, selection), words)
        return scan

    def scan_behind(
        self,
        before: str,
        text: str,
        provenance: Provenance,
        scanners: Sequence[str],
        across: Sequence[str],
    ) -> Scan:
        """Scan a text together with what stands before it.

        The text alone is read in the same go, where nothing is in the way: who scans it next finds
        that done.

        Args:
            before: What stands before it, up to the end of a line.
            text: The text.
            provenance: Who wrote both.
            scanners: Those that read the text alone.
            across: Those of them of kind ``injection`` that read both together.
        """
        whole = before + text
        alone, both = self._selection(provenance, scanners), self._selection(provenance, across)
        key = self._cache.key(whole, both.key)
        scan = self._cache.get(key)
        if scan is None and 0 < len(text) <= _JOINED and not self._has_hits(whole, both):
            found = joined_hits(before, text, alone, both)
            if found is not None:
                self._remember(text, alone, self._cache.key(text, alone.key), found[0])
                scan = self._remember(whole, both, key, found[1])
        return self.scan(whole, provenance, across) if scan is None else scan

    def _has_hits(self, text: str, selection: Selection) -> bool:
        """Whether another variant of these scanners has read a text."""
        read = selection.read
        return read is not None and self._hits.get(self._cache.key(text, read)) is not None

    def _remember(self, text: str, selection: Selection, key: bytes, hits: tuple[Hit, ...]) -> Scan:
        """Remembers the hits of a text and what comes of them, as ``scan`` does."""
        if selection.read is not None:
            self._hits.put(self._cache.key(text, selection.read), hits)
        scan = _scan(text, selection, hits)
        self._cache.put(key, scan)
        return scan

    def _known_hits(self, text: str, selection: Selection) -> tuple[Hit, ...]:
        """The hits of a text that another variant of these scanners may have read."""
        key = self._cache.key(text, selection.read or selection.key)
        hits = self._hits.get(key)
        if hits is None:
            hits = _hits(text, selection)
            self._hits.put(key, hits)
        return hits

    def stream(
        self,
        provenance: Provenance,
        scanners: Sequence[str],
        words: Words = REDACTING,
        *,
        most_held: int = MAX_HOLD,
    ) -> StreamScanner:
        """A scanner for a text that arrives in pieces.

        Args:
            provenance: As for ``scan``.
            scanners: As for ``scan``.
            words: What stands for values that are tokenised, and for stand-ins.
            most_held: Characters that may wait for a decision.
        """
        return StreamScanner(self._selection(provenance, scanners), words, most_held)

    def readers(self, provenance: Provenance, scanners: Sequence[str]) -> tuple[str, ...]:
        """Those of the scanners that read texts of a provenance; arguments as for ``scan``."""
        return tuple(spec.name for spec in self._selection(provenance, scanners).specs)

    def of_kind(
        self, kind: ScannerKind, provenance: Provenance, scanners: Sequence[str]
    ) -> tuple[str, ...]:
        """Those of the scanners of one kind that read texts of a provenance."""
        specs = self._selection(provenance, scanners).specs
        return tuple(spec.name for spec in specs if spec.kind == kind)

    def suspicion(self, text: str, provenance: Provenance, scanner: str) -> float | None:
        """The embedded model's score of a text, from 0 to 1; None where it does not read it.

        Args:
            text: The text.
            provenance: Who wrote it.
            scanner: A scanner of kind ``injection``.
        """
        heads = self._selection(provenance, (scanner,)).heads
        return suspicion(text, heads) if heads else None

    def forget(self) -> None:
        """Drops what texts so far had compiled to tell where matches are.

        A policy's tests are attacks; what finds those takes much memory, and is compiled again.
        """
        for one in self._detectors:
            one.finder.forget()
        gapless.forget()
        forget()

    def spec(self, scanner: str) -> ScannerSpec:
        """The settings of a scanner, by its name."""
        return self._specs[scanner]

    def tokenises(self, scanners: Sequence[str]) -> bool:
        """Whether one of these scanners puts stand-ins in place of what it finds."""
        return any(self._tokenised[name] for name in scanners)

    def _selection(self, provenance: Provenance, scanners: Sequence[str]) -> Selection:
        key = (provenance, tuple(scanners))
        found = self._selections.get(key)
        if found is None:
            with self._lock:
                found = self._selections[key] = self._select(provenance, tuple(scanners))
        return found

    def _select(self, provenance: Provenance, names: tuple[str, ...]) -> Selection:
        asked = [self._specs[name] for name in dict.fromkeys(names)]
        specs = tuple(spec for spec in asked if _reads(spec, provenance))
        tokenising = [one.shown for one in asked if self._tokenised[one.name]]
        # What was put into a request may come back in any answer, whatever scanners read it.
        comes_back = bool(specs) or provenance in ANSWERS or provenance == "echo"
        reporter = tokenising[0] if tokenising and comes_back else ""
        indices = tuple(
            index
            for index, one in enumerate(self._detectors, 1)
            if _wanted(one, specs) or (reporter and one.kind == STAND_IN)
        )
        reader = self._readers.get(indices)
        if reader is None:
            chosen = {index: self._detectors[index - 1] for index in indices}
            reader = self._readers[indices] = Reader(self._automaton, chosen)
        key = sha256(f"{self.digest} {provenance} {names}".encode()).digest()
        heads = heads_of(specs, provenance)
        found = Selection(specs, provenance, reader, key, None, reporter, heads)
        if not self._varied:
            return found
        read = sha256(f"{self.digest} {indices} {found.whole} {heads}".encode()).digest()
        return replace(found, read=read)


def default_specs() -> tuple[ScannerSpec, ...]:
    """Every detector there is, at its default threshold, on every provenance."""
    everywhere = frozenset(PROVENANCES)
    entities = {entity: EntityRule(Action.REDACT) for entity in known_entities()["pii"]}
    return (
        ScannerSpec("injection", "injection", everywhere),
        ScannerSpec("pii", "pii", everywhere, MappingProxyType(dict(sorted(entities.items())))),
        ScannerSpec("secrets", "secrets", everywhere, action=Action.BLOCK),
    )


@cache
def known_entities() -> Mapping[ScannerKind, frozenset[str]]:
    """The entities that each kind of scanner can find; a pattern's are the policy's own."""
    return MappingProxyType(
        {
            "injection": frozenset(one.entity for one in INJECTION)
            | {HIDDEN_TEXT, PROMPT_INJECTION},
            "pii": frozenset(entity for one in PII for entity in one.entities),
            "secrets": frozenset(entity for one in SECRETS for entity in one.entities),
            "pattern": frozenset(),
        }
    )


def _hits(text: str, selection: Selection) -> tuple[Hit, ...]:
    with ONE_TEXT:
        hits = Channel(selection).all_hits(text)
        if selection.whole:
            # Rules and the model read the same views, and those are dear.
            seen = list(views(text))
            hits += disguised(text, seen, selection, hits)
            hits += judged(text, seen, selection.heads)
    return tuple(hits)


def _scan(text: str, selection: Selection, hits: tuple[Hit, ...], words: Words = REDACTING) -> Scan:
    progress = Channel(selection, words).conclude(text, hits) if hits else None
    if progress is None or not (progress.findings or progress.replacements):
        return Scan((), len(text), Action.ALLOW)
    action = max((one.action for one in progress.findings), default=Action.ALLOW)
    blocked = action is Action.BLOCK
    kept = (one for one in progress.replacements if one.kind == "stand_in" or not blocked)
    # Caches keep no texts: values are found again by their places.
    return Scan(tuple(progress.findings), len(text), action, tuple(map(_without_value, kept)))


def _is_issued(one: Replacement, text: str, words: Words) -> bool:
    return one.kind == "stand_in" and words.value(text[one.start : one.end]) is not None


def _without_value(one: Replacement) -> Replacement:
    return replace(one, value="") if one.value else one


def _tokenised(spec: ScannerSpec, detectors: Sequence[Detector]) -> frozenset[str]:
    """The entities for which a scanner puts stand-ins."""
    rules = (
        (entity, rule_of(spec, one, entity))
        for one in detectors
        if one.kind != "injection"
        for entity in one.entities
    )
    return frozenset(entity for entity, rule in rules if rule and rule.action is Action.TOKENISE)


def _detectors(specs: Sequence[ScannerSpec]) -> list[Detector]:
    patterns = {item for spec in specs for item in spec.patterns.items()}
    own = [
        make("pattern", entity, source, _certain, ignore_case=True, rule=source)
        for entity, source in sorted(patterns)
    ]
    regions = sorted({spec.regions for spec in specs if spec.kind == "pii"})
    phones = map(national_phone, regions)
    return [*PII, *phones, *SECRETS, *INJECTION, *own, *guards_of(specs)]


def _lists(specs: Sequence[ScannerSpec]) -> list[Detector]:
    """The lists of terms, each once."""
    lists = {(entity, words) for spec in specs for entity, words in spec.words.items()}
    return [
        make_list(entity, word_list(words), words.digest)
        for entity, words in sorted(lists, key=lambda one: (one[0], one[1].digest))
    ]


def _certain(_candidate: Candidate) -> float:
    return 1.0


def _wanted(detector: Detector, specs: Sequence[ScannerSpec]) -> bool:
    return any(
        rule_of(spec, detector, entity) is not None
        for spec in specs
        for entity in detector.entities
    )


def _reads(spec: ScannerSpec, provenance: Provenance) -> bool:
    """An unknown text may be any part of a request, so whoever reads one part reads it."""
    if provenance == "unknown":
        return not spec.on.issubset(ANSWERS)
    return provenance in spec.on or (provenance in ANSWERS and "answer" in spec.on)


def _digest(specs: Sequence[ScannerSpec]) -> str:
    """A name for the detectors and the settings, the same in every process."""
    lines = [VERSION]
    for spec in sorted(specs, key=lambda one: one.name):
        entities = sorted(
            (name, rule.action, rule.min_score, rule.keep_format)
            for name, rule in spec.entities.items()
        )
        lines.append(
            repr((spec.name, spec.of, spec.kind, sorted(spec.on), entities, spec.action))
            + repr(spec.regions)
            + repr((spec.flag_at, spec.block_at, sorted(spec.patterns.items())))
            + repr(sorted((name, words.digest) for name, words in spec.words.items()))
            + repr((spec.allow, spec.deny))
        )
    return sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()
