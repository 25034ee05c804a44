"""A policy that uses every part of access: parameters, limits, shadow rules, exceptions."""

from __future__ import annotations

from typing import Final

__all__ = ["ACCESS"]

ACCESS: Final = """\
version: 1
metadata: {name: access, revision: 1}
roles:
  analyst: {}
  agent: {}
  legal: {inherits: [analyst]}
  batch: {}
  crowd: {}
  guest: {}
  auditor: {control: [audit.read, audit.stream, policy.read, metrics.read]}
limits:
  trickle: {requests: 3/hour}
  budget: {tokens: 1k/hour, per: subject, reserve: 100}
  narrow: {concurrent: 1}
scanners:
  pii:
    kind: pii
    on: [user, tool, answer]
    entities: {EMAIL_ADDRESS: redact, CREDIT_CARD: block}
rules:
  - id: chat
    allow: {roles: [analyst], routes: [chat.completions, messages], models: ["demo-*"]}
    require: {max_tokens: {lte: 4096}, tools: {names: [search, "calendar.*"]}}
    clamp: {temperature: {lte: 0.5}}
    scan: [pii]
  - id: agents
    allow: {roles: [agent], models: ["demo-*"]}
    clamp: {max_tokens: {lte: 100}, tools: {names: ["read.*"]}, system: {prefix: "Be brief."}}
    scan: [pii]
  - id: batch
    allow: {roles: [batch], models: [demo-small]}
    limits: [trickle]
    scan: [pii]
  - id: crowd
    allow: {roles: [crowd], models: [demo-small]}
    limits: [budget, narrow]
    scan: [pii]
  - id: no-tools-for-batch
    deny: {roles: [batch], when: {tools: present}}
    reason: batch jobs may not call tools
  - id: guests-later
    mode: shadow
    until: 2999-12-31
    allow: {roles: [guest], models: [demo-small]}
    scan: [pii]
  - id: analysts-never
    mode: shadow
    deny: {roles: [analyst], models: [demo-large]}
  - id: addresses-block
    mode: shadow
    until: 2999-12-31
    override: {scanner: pii, entities: {EMAIL_ADDRESS: block}}
exceptions:
  - id: legal-addresses
    rule: chat
    suppress: {scanner: pii, entities: [EMAIL_ADDRESS]}
    match: {roles: [legal], claim: team, any_of: [contracts]}
    reason: contract review needs addresses
    approved_by: ciso@example.com
    expires: 2999-12-31
"""
