"""What may be said of an exception that nobody expected: its type and where, never its words."""

from __future__ import annotations

import traceback
from pathlib import Path

__all__ = ["fault"]


def fault(error: BaseException) -> dict[str, str]:
    """The exception's type and the innermost place of ours, as fields of a log line.

    Its message stays out: it may quote what was being handled.
    """
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "gateway" in Path(frame.filename).parts]
    frame = (ours or frames)[-1] if frames else None
    place = f"{Path(frame.filename).name}:{frame.lineno}" if frame else "unknown"
    return {"error": type(error).__name__, "at": place}
