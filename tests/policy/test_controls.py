"""What roles may be granted on the control plane."""

from __future__ import annotations

from gateway.policy.controls import CONTROLS


def test_the_control_plane_knows_four_grants() -> None:
    assert set(CONTROLS) == {"audit.read", "audit.stream", "policy.read", "metrics.read"}
