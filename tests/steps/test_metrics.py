"""The counters."""

from __future__ import annotations

from prometheus_client import generate_latest

from gateway.steps.metrics import Metrics


def test_each_has_a_registry_of_its_own() -> None:
    one, two = Metrics(), Metrics()
    one.requests.labels("messages", "allow", "200").inc()
    sample = b'gateway_requests_total{decision="allow",route="messages",status="200"} 1.0'
    assert sample in generate_latest(one.registry)
    assert sample not in generate_latest(two.registry)


def test_every_name_is_the_gateways_and_every_metric_is_explained() -> None:
    families = list(Metrics().registry.collect())
    assert len(families) == len(vars(Metrics())) - 1
    assert all(family.name.startswith("gateway_") for family in families)
    assert all(family.documentation.endswith(".") for family in families)


def test_no_label_could_hold_what_a_client_sent() -> None:
    labels = {name for one in vars(Metrics()).values() for name in getattr(one, "_labelnames", ())}
    ours = {"sink", "to"}  # Names in the settings.
    assert labels == ours | {
        "route", "decision", "status", "scanner", "entity", "action", "outcome"
    }  # fmt: skip
