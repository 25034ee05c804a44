"""An explained decision, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gateway.cli.policy_common import console, summary, title
from gateway.policy.days import show_day
from gateway.policy.differences import show_limit, show_settings, show_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateway.policy.considered import Considered
    from gateway.policy.decision import Decision
    from gateway.policy.explain import Explanation, Reader
    from gateway.policy.model import Policy
    from gateway.steps.tally import Inspection
    from gateway.terms import Changes
    from gateway.wire.exchange import Exchange

__all__ = ["explained_json", "print_explained"]

_MARKS: Final = {
    "decides": ("●", "bold"),
    "applies": ("●", "cyan"),
    "fits": ("○", "yellow"),
    "measured": ("◌", "magenta"),
    "misses": ("·", "dim"),
}
_COLOURS: Final = {"allow": "green", "flag": "yellow", "redact": "yellow"}
_HIDDEN: Final = frozenset({"system", "system_prefix"})
"""Parameters whose values are texts; a person sees that there is one, and not which."""


def print_explained(policy: Policy, explanation: Explanation, scanned: Inspection | None) -> None:
    """Prints a decision and all that led to it, and what the scanners found."""
    out, ask, decision = console(), explanation.ask, explanation.decision
    roles = ", ".join(sorted(ask.roles)) or "a caller without a role"
    out.print(Text(f"{title(policy)}, on {show_day(ask.day)}", style="dim"))
    out.print(Text(f"{roles} asks for {ask.model} on {ask.route}"))
    out.print(_verdict(decision, scanned))
    if decision.message and not decision.allowed:
        out.print(Text(f"the client reads: {decision.message}"))
    for heading, rows in _sections(explanation, scanned):
        if rows:
            out.print(Text(f"\n{heading}", style="bold"))
            out.print(Padding(_grid(rows), (0, 0, 0, 2), expand=False))


def explained_json(
    policy: Policy,
    explanation: Explanation,
    exchange: Exchange | None,
    scanned: Inspection | None,
) -> dict[str, Any]:
    """The same for programs; ``request`` is None where no body was given."""
    ask, decision = explanation.ask, explanation.decision
    return {
        "policy": summary(policy),
        "asked": {
            "roles": sorted(ask.roles),
            "route": ask.route,
            "model": ask.model,
            "day": show_day(ask.day),
        },
        "verdict": _word(decision, scanned),
        "allowed": decision.allowed,
        "reason": decision.reason,
        "message": decision.message,
        "rules": [_rule_json(one) for one in explanation.rules],
        "exceptions": [
            {
                "exception": one.exception,
                "scanner": one.scanner,
                "entities": list(one.entities),
                "applies": one.applies,
                "why": one.why,
            }
            for one in explanation.exceptions
        ],
        "scanners": [_reader_json(one) for one in explanation.scanners],
        "limits": [
            {"name": use.limit.name, "is": show_limit(use.limit), "roles": list(use.roles)}
            for use in decision.limits
        ],
        "changes": dict(decision.changes),
        "terms": {
            "on_scanner_error": decision.on_scanner_error.word,
            "on_state_error": decision.on_state_error,
            "unknown_fields": decision.unknown_fields,
            "unknown_conversations": decision.unknown_conversations,
            "capture": decision.capture,
        },
        "shadow": [
            *({"rule": one.rule, "decision": one.decision} for one in decision.shadow),
            *({"rule": one.rule, "scanners": list(one.scanners)} for one in decision.shadow_scans),
        ],
        "request": None if exchange is None else _request_json(exchange, scanned),
    }


def _rule_json(one: Considered) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "kind": one.kind,
        "state": one.state,
        "shadow": one.shadow,
        "why": list(one.why),
    }


def _reader_json(reader: Reader) -> dict[str, Any]:
    return {
        "scanner": reader.spec.name,
        "kind": reader.spec.kind,
        "settings": _settings(reader),
        "changed_by": list(reader.changed_by),
    }


def _request_json(exchange: Exchange, scanned: Inspection | None) -> dict[str, Any]:
    values = exchange.parameters.values.items()
    return {
        "parameters": {
            word: len(found) if word in _HIDDEN else list(found) for word, found in values
        },
        "chars": scanned.coverage.chars if scanned else None,
        "scanned": scanned.coverage.scanned if scanned else None,
        "scanners": dict(scanned.coverage.scanners) if scanned else None,
        "findings": [
            {
                "scanner": note.scanner,
                "entity": note.entity,
                "where": note.where,
                "score": note.score,
                "action": note.action,
                "count": note.count,
            }
            for note in (scanned.findings if scanned else ())
        ],
    }


def _word(decision: Decision, scanned: Inspection | None) -> str:
    """The word that the header of the answer would give, as far as the request goes."""
    if not decision.allowed:
        return "deny"
    return scanned.action.word if scanned else "allow"


def _verdict(decision: Decision, scanned: Inspection | None) -> Text:
    word = _word(decision, scanned)
    because = decision.reason
    if scanned is not None and scanned.blocker is not None:
        because = f"{' found '.join(scanned.blocker)}; {because}"
    colour = _COLOURS.get(word, "red")
    return Text.assemble((word.upper(), f"bold {colour}"), f"  {because}")


def _sections(
    explanation: Explanation, scanned: Inspection | None
) -> Iterable[tuple[str, Sequence[Sequence[Text | str]]]]:
    decision = explanation.decision
    yield "rules", [_rule_row(one) for one in explanation.rules]
    yield (
        "exceptions",
        [
            (
                "applies" if one.applies else "does not apply",
                one.exception,
                f"{one.scanner} spares {', '.join(one.entities)}",
                one.why,
            )
            for one in explanation.exceptions
        ],
    )
    yield "scanners", [_reader_row(one) for one in explanation.scanners]
    yield (
        "findings",
        [
            (
                note.action,
                note.scanner,
                note.entity,
                note.where,
                f"{note.score:g}",
                f"x{note.count}",
            )
            for note in (scanned.findings if scanned else ())
        ],
    )
    yield (
        "limits",
        [
            (show_limit(use.limit), f"counted for {', '.join(use.roles)}" if use.roles else "")
            for use in decision.limits
        ],
    )
    yield "changes to the request", _change_rows(decision.changes)
    yield (
        "in shadow mode",
        [
            *((one.rule, f"would {one.decision}") for one in decision.shadow),
            *((one.rule, "would let it be read otherwise") for one in decision.shadow_scans),
        ],
    )


def _rule_row(one: Considered) -> Sequence[Text | str]:
    mark, style = _MARKS[one.state]
    kind = f"{one.kind}, shadow" if one.shadow else one.kind
    return (
        Text(mark, style=style),
        Text(one.rule, style=style),
        Text(kind, style=style),
        Text(one.state, style=style),
        Text("\n".join(one.why), style=style),
    )


def _reader_row(reader: Reader) -> Sequence[str]:
    settings = _settings(reader)
    on = ", ".join(sorted(reader.spec.on))
    rest = ", ".join(
        f"{key.rpartition('.')[2]} {value}" for key, value in settings.items() if key != "on"
    )
    changed = f"\nchanged by {', '.join(reader.changed_by)}" if reader.changed_by else ""
    return reader.spec.name, reader.spec.kind, f"reads {on}\n{rest}{changed}"


def _settings(reader: Reader) -> dict[str, object]:
    prefix = f"{reader.spec.name}."
    settings = show_settings((reader.spec,)).items()
    return {key.removeprefix(prefix): value for key, value in settings if key.startswith(prefix)}


def _change_rows(changes: Changes) -> list[Sequence[str]]:
    hidden: Mapping[str, object] = dict.fromkeys(_HIDDEN, "a text of the policy")
    return [(word, show_values({word: hidden.get(word, it)})) for word, it in changes.items()]


def _grid(rows: Iterable[Sequence[Text | str]]) -> Table:
    grid = Table.grid(padding=(0, 2))
    for row in rows:
        grid.add_row(*(one if isinstance(one, Text) else Text(one) for one in row))
    return grid
