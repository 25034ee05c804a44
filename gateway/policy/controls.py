"""What a role may be granted on the control plane."""

from __future__ import annotations

from typing import Final, Literal, get_args

__all__ = ["CONTROLS", "Control"]

Control = Literal["audit.read", "audit.stream", "policy.read", "metrics.read"]
CONTROLS: Final[tuple[Control, ...]] = get_args(Control)
