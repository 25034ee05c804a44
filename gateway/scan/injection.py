"""Orders to the model where there should be none."""

from __future__ import annotations
from typing import TYPE_CHECKING, Final
from gateway.scan.detector import make

if TYPE_CHECKING:
    from gateway.scan.detector import Detector
INJECTION: Final[tuple[Detector, ...]] = (
    make(
        "injection",
        "INSTRUCTION_OVERRIDE",
        r"\b(?:ignore|disregard|forget)\s{1,4}(?:all\s{1,4})?(?:of\s{1,4})?(?:the\s{1,4}|your\s{1,4})?(?:previous|prior|above|earlier)\s{1,4}(?:instructions|prompts|rules)\b",
        lambda _: 0.9,
        ignore_case=True,
    ),
)
