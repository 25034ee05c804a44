"""What the gateway counts of itself, for Prometheus. No label ever holds what a client sent."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

__all__ = ["Metrics"]

_SECONDS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)


class Metrics:
    """Counters of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "gateway_requests_total",
            "Requests by route, decision and status.",
            ("route", "decision", "status"),
            registry=self.registry,
        )
        self.findings = Counter(
            "gateway_findings_total",
            "Findings by scanner, entity and action.",
            ("scanner", "entity", "action"),
            registry=self.registry,
        )
        self.overhead = Histogram(
            "gateway_overhead_seconds",
            "Time that the gateway itself added to a request.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.in_flight = Gauge(
            "gateway_requests_in_flight", "Requests being handled.", registry=self.registry
        )
        self.audit_failures = Counter(
            "gateway_audit_failures_total",
            "Audit records that could not be written in time; their requests were refused.",
            registry=self.registry,
        )
        self.audit_incidents = Counter(
            "gateway_audit_incidents_total",
            "Times that the audit store's records were lost, or were not those that were signed.",
            registry=self.registry,
        )
        self.audit_dropped = Gauge(
            "gateway_audit_dropped",
            "Audit records that were lost; stays 0 in strict durability.",
            registry=self.registry,
        )
        self.audit_tree_size = Gauge(
            "gateway_audit_tree_size",
            "Records in the tree of the audit log, as far as this process knows.",
            registry=self.registry,
        )
        self.audit_checkpoint_age = Gauge(
            "gateway_audit_checkpoint_age_seconds",
            "Time since the newest checkpoint of the audit log was signed.",
            registry=self.registry,
        )
        self.audit_leads = Gauge(
            "gateway_audit_sequencer_leads",
            "1 in the process that orders the audit log, 0 in the others.",
            registry=self.registry,
        )
        self.audit_outside_failing = Gauge(
            "gateway_audit_outside_failing",
            "1 while a witness or the mirror has not taken the newest checkpoint.",
            ("to",),
            registry=self.registry,
        )
        self.audit_sink_lag = Gauge(
            "gateway_audit_sink_lag",
            "Records that a sink has not got yet, in the process that carries them.",
            ("sink",),
            registry=self.registry,
        )
        self.audit_sink_records = Counter(
            "gateway_audit_sink_records_total",
            "Records that a sink has got.",
            ("sink",),
            registry=self.registry,
        )
        self.audit_sink_failures = Counter(
            "gateway_audit_sink_failures_total",
            "Times that a sink did not say yes.",
            ("sink",),
            registry=self.registry,
        )
        self.limited = Counter(
            "gateway_limited_total",
            "Requests that a rate, a budget or a number of requests at a time refused.",
            registry=self.registry,
        )
        self.state_failures = Counter(
            "gateway_state_failures_total",
            "Times that limits could not be counted because the shared state did not answer.",
            registry=self.registry,
        )
        self.policy_loads = Counter(
            "gateway_policy_loads_total",
            "Loads of the policy by outcome.",
            ("outcome",),
            registry=self.registry,
        )
