"""Versions that the templates withdraw: their files are passed over, and what raw holds of them gets tombstones.

What belongs here: which rows these are. What does not: the labels of versions (`versions.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import pyarrow as pa

from ingestion.sources.budget.kinds import Kind
from ingestion.sources.budget.templates import Template

_UNKNOWN = (
    "Budget templates withdraw {}, which no {} workbook bears; the versions are {}. Correct `withdrawn` in"
    " templates.yml."
)


def withdrawn_labels(templates: Iterable[Template], kind: Kind) -> frozenset[str]:
    """Return the labels of a kind's versions that no longer count."""
    return frozenset(label for template in templates if template.kind == kind.name for label in template.withdrawn)


def unknown_labels(withdrawn: frozenset[str], known: set[str], kind: Kind) -> list[str]:
    """Return a sentence where labels are withdrawn that no version bears."""
    unknown = sorted(withdrawn - known)
    return [_UNKNOWN.format(", ".join(unknown), kind.name, ", ".join(sorted(known)) or "none")] if unknown else []


def keys_of(contents: set[str], live_keys: set[str]) -> list[str]:
    """Return those of the live rows' keys that belong to files of these contents (SHA-256), sorted."""
    return sorted(key for key in live_keys if key.partition("|")[0] in contents)


def deletion_log(keys: list[str], at: datetime) -> Iterator[pa.Table]:
    """Yield the log that says since when rows no longer count."""
    if keys:
        stamps = pa.array([at] * len(keys), pa.timestamp("us"))
        yield pa.table({"row_key": pa.array(keys, pa.string()), "deleted_at": stamps})
