"""Releases of the warehouse: what people and BI tools read.

What belongs here: building, sealing, listing, switching and pruning releases. What does not: deciding whether a
build may be released (the orchestration's audit) and formatting anything for people (`exports.reports`).
"""

from exports.publish.database import RELEASED_SCHEMAS, ReleaseError
from exports.publish.release import (
    Release,
    ReleaseMeta,
    build_release,
    current_release,
    list_releases,
    prune_releases,
    served_id,
    switch_current,
)
from exports.publish.seal import damage

__all__ = [
    "RELEASED_SCHEMAS",
    "Release",
    "ReleaseError",
    "ReleaseMeta",
    "build_release",
    "current_release",
    "damage",
    "list_releases",
    "prune_releases",
    "served_id",
    "switch_current",
]
