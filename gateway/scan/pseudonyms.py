"""Pseudonyms: what stands for a value on its way to a model, and the way back.

A stand-in is derived from a key, the caller, the conversation, the entity and the value, so it is
the same for a value throughout a conversation, says nothing of the value, and cannot be guessed. It
is turned back only in answers to a request that held the value, or that goes on with a conversation
in which this caller's earlier request did.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from gateway.scan.stand_ins import bracketed, canonical, formatted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.scan.finding import Replacement
    from gateway.scan.rewriting import Words
    from gateway.scan.runs import Run

__all__ = ["Issued", "Pseudonyms", "conversation_key"]

_TRIES: Final = 1000


def conversation_key(key: bytes, *scope: str | None) -> bytes:
    """A key for one conversation.

    Args:
        key: The gateway's key for pseudonyms.
        scope: Whose conversation it is, and what tells it from others of the same caller.
    """
    lengths = ((part or "").encode("utf-8", "surrogatepass") for part in scope)
    message = b"".join(len(part).to_bytes(8) + part for part in lengths)
    return hmac.digest(key, b"gateway pseudonyms v1\x00" + message, "sha256")


@dataclass(frozen=True, slots=True)
class Issued:
    """What was issued in a conversation so far.

    Attributes:
        conversation: Its key.
        values: By canonical spelling the value of each stand-in that a request held.
        hidden: The same for values that came from the model, which are not turned back.
    """

    conversation: bytes = field(repr=False)
    values: Mapping[str, str] = field(repr=False)
    hidden: Mapping[str, str] = field(repr=False)


class Pseudonyms:
    """The stand-ins of one call. Not to be shared between calls; holds values in the clear.

    Args:
        conversation: The key of the conversation.
        earlier: What was issued in it before, where that is known.

    Attributes:
        key: The key of the conversation, or of the one that it goes on with.
    """

    def __init__(self, conversation: bytes, earlier: Issued | None = None) -> None:
        self.key = conversation if earlier is None else earlier.conversation
        self._values = dict(earlier.values) if earlier else {}
        self._hidden = dict(earlier.hidden) if earlier else {}
        self._stand_ins: dict[tuple[str, str, bool], tuple[str, str]] = {}
        self._known = set(self._values.values())

    @property
    def outward(self) -> Words:
        """For requests: values become stand-ins, and stand-ins stay."""
        return _Outward(self)

    @property
    def inward(self) -> Words:
        """For answers: stand-ins become values, and values that are new become stand-ins."""
        return _Inward(self)

    @property
    def fixed(self) -> Words:
        """For texts that cannot be rewritten: what should be another text shows that it should."""
        return _Fixed(self)

    @property
    def issued(self) -> Issued:
        """Everything so far."""
        return Issued(self.key, dict(self._values), dict(self._hidden))

    def knows(self, written: str) -> bool:
        """Whether a stand-in was issued in this conversation."""
        spelt = canonical(written)
        return spelt in self._values or spelt in self._hidden

    def recall(self, earlier: Issued) -> None:
        """What an earlier call of the conversation hid is no longer unknown."""
        self._hidden = {**earlier.hidden, **self._hidden}

    def issue(self, one: Replacement, value: str) -> str:
        """The stand-in for a value of a request."""
        stand_in, spelt = self.derived(one, value)
        self._values[spelt] = value
        self._known.add(value)
        return stand_in

    def issue_again(self, spelt: str, value: str) -> bool:
        """Issues a stand-in that was derived for a value in this conversation before.

        Returns:
            Whether it can be, as it stands for nothing else meanwhile.
        """
        if self._values.get(spelt, self._hidden.get(spelt, value)) != value:
            return False
        self._values[spelt] = value
        self._known.add(value)
        return True

    def hide(self, one: Replacement, value: str) -> str:
        """The stand-in for a value of an answer; what the client told us needs none."""
        if value in self._known:
            return value
        stand_in, spelt = self.derived(one, value)
        self._hidden[spelt] = value
        return stand_in

    def value(self, written: str) -> str | None:
        """The value of a stand-in; None where none was issued, or it is not to be turned back."""
        return self._values.get(canonical(written))

    def derived(self, one: Replacement, value: str) -> tuple[str, str]:
        """The stand-in for a value, and its canonical spelling."""
        kind = (one.entity, value, one.keep_format)
        known = self._stand_ins.get(kind)
        if known is None:
            known = self._stand_ins[kind] = self._free(one, value)
        return known

    def _free(self, one: Replacement, value: str) -> tuple[str, str]:
        """The first derived stand-in that stands for nothing else, and its canonical spelling."""
        shape = formatted if one.keep_format else bracketed
        for number in range(_TRIES):
            message = f"{one.entity}\x00{number}\x00{value}".encode("utf-8", "surrogatepass")
            stand_in = shape(one.entity, hmac.digest(self.key, message, "sha256"))
            spelt = canonical(stand_in)
            taken = self._values.get(spelt, self._hidden.get(spelt, value))
            if taken == value:
                return stand_in, spelt
        # More values than a format has room for: what is left is a label that tells nothing.
        label = f"[{one.entity}]"
        return label, canonical(label)


class _Outward:
    """See ``Pseudonyms.outward``."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms

    def stand_in(self, one: Replacement, value: str) -> str:
        return self._pseudonyms.issue(one, value)

    def value(self, written: str) -> str | None:
        return written if self._pseudonyms.knows(written) else None

    @property
    def in_json(self) -> Words:
        return _OutwardJson(self._pseudonyms)

    def again(self, run: Run) -> Words:
        said = run.said
        if said is not None and said[0] == self._pseudonyms.key:
            return _Again(self._pseudonyms, said[1])
        said = run.said = (self._pseudonyms.key, [])
        return _Noting(self._pseudonyms, said[1])


class _Noting(_Outward):
    """The same for a run of texts, noting what is said."""

    def __init__(self, pseudonyms: Pseudonyms, said: list[tuple[str, str]]) -> None:
        super().__init__(pseudonyms)
        self._said = said

    def stand_in(self, one: Replacement, value: str) -> str:
        self._said.append(self._pseudonyms.derived(one, value))
        return super().stand_in(one, value)


class _Again(_Outward):
    """The same for a run of texts that was rewritten in this conversation before."""

    def __init__(self, pseudonyms: Pseudonyms, said: list[tuple[str, str]]) -> None:
        super().__init__(pseudonyms)
        # Another thread may still be noting: what it has not come to is derived.
        self._said = iter(said)

    def stand_in(self, one: Replacement, value: str) -> str:
        stand_in, spelt = next(self._said, ("", ""))
        if stand_in and self._pseudonyms.issue_again(spelt, value):
            return stand_in
        return super().stand_in(one, value)


class _OutwardJson(_Outward):
    """The same for texts that spell JSON: a value is what its source says."""

    def stand_in(self, one: Replacement, value: str) -> str:
        return super().stand_in(one, _unescaped(value))

    @property
    def in_json(self) -> Words:
        return self

    def again(self, run: Run) -> Words:  # noqa: ARG002 - JSON is in no run
        return self


class _Inward:
    """See ``Pseudonyms.inward``."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms

    def stand_in(self, one: Replacement, value: str) -> str:
        return self._pseudonyms.hide(one, value)

    def value(self, written: str) -> str | None:
        known = self._pseudonyms.value(written)
        if known is None and self._pseudonyms.knows(written):
            return written
        return known

    @property
    def in_json(self) -> Words:
        return _InwardJson(self._pseudonyms)

    def again(self, run: Run) -> Words:  # noqa: ARG002 - answers are not sent again
        return self


class _InwardJson(_Inward):
    """The same for texts that spell JSON: what is put into a string is escaped."""

    def stand_in(self, one: Replacement, value: str) -> str:
        plain = _unescaped(value)
        said = super().stand_in(one, plain)
        return value if said == plain else said

    def value(self, written: str) -> str | None:
        known = self._pseudonyms.value(written)
        return super().value(written) if known is None else _escaped(known)

    @property
    def in_json(self) -> Words:
        return self


class _Fixed(_Outward):
    """See ``Pseudonyms.fixed``."""

    def stand_in(self, one: Replacement, value: str) -> str:  # noqa: ARG002 - it may not stay
        return f"[{one.entity}]"

    @property
    def in_json(self) -> Words:
        return self

    def again(self, run: Run) -> Words:  # noqa: ARG002 - nothing is issued
        return self


def _escaped(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


def _unescaped(source: str) -> str:
    try:
        return str(json.loads(f'"{source}"', strict=False))
    except ValueError:
        return source
