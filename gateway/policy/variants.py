"""Scanners as exceptions and overrides change them: every one that a decision can name.

They are enumerated at load, so that their patterns are compiled before any request needs them.
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Final

from gateway.policy.memo import Memo
from gateway.policy.strictness import entity_rule, overridden, strictest, weakened
from gateway.terms import EntityRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence, Sized

    from gateway.policy.exceptions import PolicyException
    from gateway.policy.override import Override
    from gateway.terms import ScannerSpec

__all__ = ["MAX_VARIANTS", "SEPARATOR", "TooManyVariants", "Variants"]

MAX_VARIANTS: Final = 64
"""How many variants the scanners of a policy may have in all."""
SEPARATOR: Final = "~"
"""Stands in names of variants only: no name in a policy holds it."""
_MEMO: Final = 4096

_Spared = frozenset[str]
_Content = tuple[object, ...]


class TooManyVariants(ValueError):
    """Exceptions and overrides combine to more variants than the gateway compiles.

    Attributes:
        scanner: The scanner whose variants are too many.
    """

    def __init__(self, scanner: str) -> None:
        super().__init__(f"the scanner {scanner!r} has too many variants")
        self.scanner = scanner


class Variants:
    """The scanners of a policy and all their variants.

    A variant is named after its scanner and what changed it: ``pii~-legal-names~+stricter`` is
    weakened by one and made stricter by the other.

    Args:
        scanners: The scanners as the policy has them.
        overrides: The overrides, in shadow mode or not.
        exceptions: The exceptions.

    Attributes:
        base: Names of the scanners without variants, in their order.
        specs: The scanners, each followed by its variants.

    Raises:
        TooManyVariants: There are more than ``MAX_VARIANTS``.
    """

    __slots__ = ("_base", "_by_name", "_names", "_remembered", "base", "specs")

    def __init__(
        self,
        scanners: Iterable[ScannerSpec],
        overrides: Sequence[Override],
        exceptions: Sequence[PolicyException],
    ) -> None:
        self._base = {spec.name: spec for spec in scanners}
        self._names: dict[_Content, str] = {}
        self._remembered: Memo[tuple[str, _Spared, tuple[str, ...], str], str] = Memo(_MEMO)
        specs: list[ScannerSpec] = []
        for spec in self._base.values():
            specs += self._all_of(spec, overrides, exceptions)
            if len(specs) > MAX_VARIANTS + len(self._base):
                raise TooManyVariants(spec.name)
        self.base, self.specs = tuple(self._base), tuple(specs)
        self._by_name = {spec.name: spec for spec in specs}

    def _all_of(
        self,
        spec: ScannerSpec,
        overrides: Sequence[Override],
        exceptions: Sequence[PolicyException],
    ) -> Iterator[ScannerSpec]:
        mine = sorted((one for one in overrides if one.scanner == spec.name), key=_id)
        excepted = [one for one in exceptions if one.scanner == spec.name]
        for changed, marks in _combined(spec, mine, excepted):
            behaviour = _behaviour(changed)
            if behaviour not in self._names:
                name = SEPARATOR.join((spec.name, *marks))
                self._names[behaviour] = name
                yield replace(changed, name=name, of=spec.name) if marks else spec

    def name(
        self,
        scanner: str,
        spared: _Spared,
        overrides: Sequence[Override] = (),
        shadow: Override | None = None,
    ) -> str:
        """The name of a scanner with these changes.

        Args:
            scanner: The scanner that is changed.
            spared: The entities that exceptions spare.
            overrides: The overrides that are enforced; those of other scanners change nothing.
            shadow: An override of this scanner in shadow mode, on top of them.
        """
        mine = [one for one in overrides if one.scanner == scanner]
        if not spared and not mine and shadow is None:
            return scanner
        key = (scanner, spared, tuple(map(_id, mine)), shadow.id if shadow else "")
        known = self._remembered.get(key)
        if known is None:
            weak = weakened(self._base[scanner], spared)
            changed = reduce(strictest, (overridden(weak, one) for one in mine), weak)
            changed = changed if shadow is None else overridden(changed, shadow)
            known = self._remembered.put(key, self._names[_behaviour(changed)])
        return known

    def really_spared(
        self, scanner: str, spared: _Spared, overrides: Sequence[Override] = ()
    ) -> _Spared:
        """The entities among those spared that the scanner would treat otherwise if they were not.

        Arguments as for ``name``.
        """
        weaker = self._by_name[self.name(scanner, spared, overrides)]
        strict = self._by_name[self.name(scanner, frozenset(), overrides)]
        return frozenset(
            one for one in spared if entity_rule(weaker, one) != entity_rule(strict, one)
        )


def _combined(
    spec: ScannerSpec, overrides: Sequence[Override], exceptions: Sequence[PolicyException]
) -> Iterator[tuple[ScannerSpec, tuple[str, ...]]]:
    """Every scanner that may come of one, with marks of what made it; the scanner first."""
    enforced = [one for one in overrides if not one.shadow]
    shadows = [one for one in overrides if one.shadow]
    for spared, marks in _all_spared(exceptions).items():
        weak = weakened(spec, spared)
        worlds = {_content(weak): (weak, marks)}
        for override in enforced:
            for changed, before in list(worlds.values()):
                stricter = strictest(changed, overridden(weak, override))
                worlds.setdefault(_content(stricter), (stricter, (*before, f"+{override.id}")))
            _bounded(worlds, spec.name)
        for changed, before in worlds.values():
            yield changed, before
            for shadow in shadows:
                yield overridden(changed, shadow), (*before, f"+{shadow.id}")


def _all_spared(exceptions: Sequence[PolicyException]) -> dict[_Spared, tuple[str, ...]]:
    """Every set of entities that exceptions of one scanner may spare together, with their marks.

    A rule spares what any of its exceptions spares; several rules what all of them do.
    """
    found: dict[_Spared, tuple[str, ...]] = {}
    for rule in sorted({one.rule for one in exceptions}):
        of_rule = _spared_by_rule([one for one in exceptions if one.rule == rule])
        both = {
            some & others: tuple(sorted({*marks, *more}))
            for some, marks in found.items()
            for others, more in of_rule.items()
        }
        found = {**both, **of_rule, **found}
        _bounded(found, exceptions[0].scanner)
    found.pop(frozenset(), None)
    return {frozenset(): (), **found}


def _spared_by_rule(exceptions: Iterable[PolicyException]) -> dict[_Spared, tuple[str, ...]]:
    found: dict[_Spared, tuple[str, ...]] = {}
    for one in sorted(exceptions, key=_id):
        for entities, marks in [(frozenset[str](), ()), *found.items()]:
            found.setdefault(entities | one.entities, (*marks, f"-{one.id}"))
        _bounded(found, one.scanner)
    return found


def _bounded(found: Sized, scanner: str) -> None:
    if len(found) > MAX_VARIANTS + 1:
        raise TooManyVariants(scanner)


def _id(one: Override | PolicyException) -> str:
    return one.id


def _content(spec: ScannerSpec) -> _Content:
    """The settings of a scanner, whatever its name."""
    entities = sorted((name, rule.action, rule.min_score) for name, rule in spec.entities.items())
    scores = (spec.flag_at, spec.block_at, spec.action)
    own = (
        *sorted(spec.patterns.items()),
        *sorted((key, it.digest) for key, it in spec.words.items()),
    )
    return (spec.of or spec.name, *scores, *entities, *own)


def _behaviour(spec: ScannerSpec) -> _Content:
    """What a scanner does: an entity's own rule that says what holds anyway is left out."""
    anyway = None if spec.kind == "pii" else EntityRule(spec.action)
    own = {name: rule for name, rule in spec.entities.items() if rule != anyway}
    return _content(replace(spec, entities=own))
