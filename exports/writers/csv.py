"""CSV files that a spreadsheet opens without running anything.

What belongs here: the CSV dialect and the neutralising of formula-like text. What does not: what the rows mean.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def neutralise(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would read as a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def write_csv(frame: pd.DataFrame, path: Path) -> Path:
    """Write a frame as UTF-8 CSV with a byte-order mark, comma-separated, numbers with a decimal point.

    Text that begins with = + - @, tab or carriage return is neutralised; numbers are left alone. The file appears
    whole or not at all.
    """
    safe = frame.copy()
    for name in safe.columns:
        if safe[name].dtype == object:
            safe[name] = [neutralise(value) if isinstance(value, str) else value for value in safe[name]]
    partial = path.with_name(f".{path.name}.partial")
    safe.to_csv(partial, index=False, encoding="utf-8-sig", date_format="%Y-%m-%d")
    partial.replace(path)
    return path
