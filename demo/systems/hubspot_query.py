"""Filters and sort orders of searches in the demo portal, as HubSpot compares values.

What does not belong here: HTTP and pages.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from demo.systems.hubspot_portal import Record

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "EQ": lambda a, b: a == b,
    "GT": lambda a, b: a > b,
    "GTE": lambda a, b: a >= b,
    "LT": lambda a, b: a < b,
    "LTE": lambda a, b: a <= b,
}


def holds(record: Record, condition: dict[str, Any]) -> bool:
    """Whether an object meets one filter of a search; what is empty meets none."""
    name = condition["propertyName"]
    value = comparable(name, record.properties.get(name))
    wanted = comparable(name, str(condition["value"]))
    return value is not None and _COMPARE[condition["operator"]](value, wanted)


def comparable(name: str, value: str | None) -> Any:
    """Ids and stamps as numbers (milliseconds), anything else as it is."""
    if value is None:
        return None
    if value.isdigit():
        return int(value)
    return _milliseconds(value) if name.endswith("date") and "T" in value else value


@lru_cache(100_000)
def _milliseconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp() * 1000)
