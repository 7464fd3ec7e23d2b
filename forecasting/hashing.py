"""Content hashes of frames: equal content, equal hash, whatever the order of rows.

Belongs here: the canonical form of a frame. Does not belong here: what is hashed and why.
"""

from __future__ import annotations

import hashlib

import pandas as pd

# Nine significant digits: below any amount that matters, above the noise of different processors.
_FLOAT_FORMAT = "%.9g"


def frame_hash(frame: pd.DataFrame) -> str:
    """Sixteen hex digits over column names and values; the order of the rows does not count."""
    text = frame.to_csv(index=False, float_format=_FLOAT_FORMAT, lineterminator="\n", date_format="%Y-%m-%dT%H:%M:%S")
    header, *rows = text.splitlines()
    return text_hash(header, *sorted(rows))


def text_hash(*parts: str) -> str:
    """Sixteen hex digits over an ordered list of strings."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode())
        digest.update(b"\x1f")
    return digest.hexdigest()[:16]
