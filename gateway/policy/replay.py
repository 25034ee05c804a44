"""What a new policy would have made of the requests of the past.

Each request is asked anew, as if the policy were in force on one day. Where its content is known,
its parameters count and its texts are read; otherwise only role, route and model do. A request
whose decision then depends on more is left out and counted, unless it was denied and a modest one
like it would be allowed: what may open is always told.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from gateway.policy.change import Changes, Question
from gateway.policy.decide import decide
from gateway.policy.decision import Ask
from gateway.policy.differences import Difference, opened_or_closed, show_values
from gateway.policy.probes import PLAIN
from gateway.policy.side import read_texts
from gateway.terms import Action

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.policy.change import Change
    from gateway.policy.decision import Decision
    from gateway.policy.model import Policy
    from gateway.policy.past import Content, Past
    from gateway.policy.side import Side

__all__ = ["DEPENDS", "STRANGE", "Replay", "Replayed"]

DEPENDS: Final = "the decision depends on the request's parameters, which are sealed"
"""Why a request whose content is not known may be left out."""

STRANGE: Final = "unknown_fields: refuse, and it has texts where its format knows none"
"""Why a request that rules allow may be refused."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of it.

    Attributes:
        changes: What would be decided otherwise, what opens first.
        asked: How many requests were asked anew.
        same: How many of them would end as they did.
        left_out: How many were not asked, by why.
    """

    changes: tuple[Change, ...]
    asked: int
    same: int
    left_out: Mapping[str, int]


class Replay:
    """Asks a new policy about past requests, one by one.

    Args:
        side: The new policy.
        day: The day on which it is asked, since 1970-01-01, UTC.
    """

    def __init__(self, side: Side, day: int) -> None:
        self._side, self._day = side, day
        self._changes = Changes()
        self._asked = self._same = 0
        self._left_out: Counter[str] = Counter()

    def leave_out(self, why: str) -> None:
        """Counts a request that cannot be asked anew."""
        self._left_out[why] += 1

    def ask(self, past: Past) -> None:
        """Asks the policy about a request."""
        policy, content = self._side.policy, past.content
        ask = Ask(
            roles=past.roles_in(policy),
            route=past.route,
            model=past.model,
            parameters=content.parameters if content else None,
            exceptions=past.exceptions_in(policy),
            day=self._day,
        )
        if content is None and _depends(policy, ask):
            may_open = _may_open(policy, past, ask)
            if may_open is None:
                self.leave_out(DEPENDS)
                return
            found = [may_open]
        else:
            found = list(self._differences(past, _read_with(content, decide(policy, ask))))
        self._asked += 1
        self._same += not found
        for difference in found:
            self._changes.add(difference, [_question(past)])

    def result(self) -> Replayed:
        """Everything so far."""
        left_out = dict(self._left_out.most_common())
        return Replayed(self._changes.sorted(), self._asked, self._same, left_out)

    def _differences(self, past: Past, decision: Decision) -> Iterator[Difference]:
        before = _was(past)
        if (past.verdict != "deny") != decision.allowed:
            yield opened_or_closed(before, decision, denied_by_rules=bool(past.rules))
            return
        content = past.content
        if content is None or not decision.allowed:
            return
        action, after = read_texts(self._side, content.texts, decision.scanners)
        if action.word != past.verdict:
            weaker = action < Action[past.verdict.upper()]
            yield Difference("weaker" if weaker else "stricter", past.verdict, after)
        if dict(decision.changes) != dict(content.changes):
            was, will = show_values(content.changes), show_values(decision.changes)
            yield Difference("changes", was, will)


def _read_with(content: Content | None, decision: Decision) -> Decision:
    """What is decided once the texts are known, and with them those at unknown places."""
    unknown = content is not None and any(whose == "unknown" for whose, _ in content.texts)
    if decision.allowed and unknown and decision.unknown_fields == "refuse":
        return replace(decision, allowed=False, rules=(), reason=STRANGE)
    return decision


def _depends(policy: Policy, ask: Ask) -> bool:
    """Whether a decision depends on parameters, whatever they are."""
    rules = policy.index.matching(ask.roles, ask.route, ask.model)
    enforced = [rule for rule in rules if not rule.shadow]
    denying = [rule for rule in enforced if not rule.allows]
    if any(not rule.when for rule in denying):
        return False
    allowing = [rule for rule in enforced if rule.allows]
    if not allowing:
        return False
    return bool(denying) or all(rule.conditional for rule in allowing)


def _may_open(policy: Policy, past: Past, ask: Ask) -> Difference | None:
    """What is told of a request that was denied, and whose like may be allowed now."""
    rules = policy.index.matching(ask.roles, ask.route, ask.model)
    still = {rule.id for rule in rules if not rule.allows and not rule.shadow}
    parameters = policy.said_on(ask.route, PLAIN.parameters)
    modest = decide(policy, replace(ask, parameters=parameters))
    if past.verdict != "deny" or still.intersection(past.rules) or not modest.allowed:
        return None
    may = f"{modest.reason}, if it asks for no more than a modest request"
    return Difference("allowed", _was(past), may)


def _was(past: Past) -> str:
    if past.verdict == "deny":
        return f"denied by rule {', '.join(past.rules)}" if past.rules else "no rule allowed it"
    return f"allowed by rule {', '.join(past.rules)}"


def _question(past: Past) -> Question:
    roles = ", ".join(past.roles) or "no role"
    return Question(f"{past.subject} ({roles})", past.route, past.model)
