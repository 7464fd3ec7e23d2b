"""Writing the answer key: what was planted, where, and what a correct warehouse makes of it.

The key lies outside everything that is loaded; only tests read it. What does not belong here: planting.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from demo.company.timeline import Company, Quirk


def write_answer_key(path: Path, company: Company, quirks: Iterable[Quirk]) -> None:
    """Write ``{"profile", "seed", "quirks": [{"id", "entity", "keys", "expected"}]}``, ordered by id and entity."""
    ordered = sorted(quirks, key=lambda quirk: (quirk.id[0], _number(quirk.id), quirk.entity))
    values = {"profile": company.profile, "seed": company.seed, "quirks": [asdict(quirk) for quirk in ordered]}
    path.write_text(json.dumps(values, indent=1, ensure_ascii=False, default=_plain) + "\n", encoding="utf-8")


def _number(quirk_id: str) -> int:
    digits = "".join(character for character in quirk_id if character.isdigit())
    return int(digits or 0)


def _plain(value: Any) -> Any:
    """JSON form of what JSON lacks: moments and dates as ISO text, numbers of other kinds as numbers."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray | set | frozenset | tuple):
        return sorted(value) if isinstance(value, set | frozenset) else list(value)
    raise TypeError(f"An answer-key value of type {type(value).__name__} has no JSON form: {value!r}.")
