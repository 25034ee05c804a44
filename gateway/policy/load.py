"""Policy files in, one policy out; or every problem there is, each at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.errors import ConfigurationError
from gateway.policy.compile import compiled
from gateway.policy.known import Known
from gateway.policy.merged import in_file_order, merge
from gateway.policy.references import check_references
from gateway.policy.sources import find_files, read_sources

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gateway.policy.model import Policy

__all__ = ["load_policy"]


def load_policy(paths: Sequence[Path], known: Known | None = None) -> Policy:
    """Reads a policy from files and folders (their ``*.yaml``), all of which are one policy.

    Args:
        paths: Files or folders, in any order.
        known: What the policy may refer to outside itself; without it, entities and patterns
            are not checked.

    Raises:
        ConfigurationError: First with every problem that a single file shows; if there is none,
            with every problem that all files together show.
    """
    known = known or Known()
    sources = read_sources(find_files(paths))
    merged, problems = merge(sources)
    problems += check_references(merged, known)
    if problems:
        raise ConfigurationError(sorted(problems, key=in_file_order))
    return compiled(sources, merged, known)
