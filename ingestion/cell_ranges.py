"""Say once what holds for many cells: sentences that differ only in their cells become one with the range.

What belongs here: the grouping of sentences about rows for people to read. What does not: the sentences, and the
rejected rows, each of which keeps its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ingestion.workbook.grid import Block, block_address, position

_CELL = re.compile(r"\bcell ([A-Z]{1,3}[1-9]\d{0,6})\b")
_MOST_RANGES = 4


def grouped(sentences: Iterable[str]) -> dict[str, int]:
    """Return each sentence with how often it came, in the order of the first; "cell D9" becomes "cells D9:Z9"."""
    places: dict[tuple[str, ...], list[list[str]]] = {}
    for sentence in sentences:
        parts = _CELL.split(sentence)
        places.setdefault(tuple(parts[::2]), []).append(parts[1::2])
    return {_joined(texts, cells): len(cells) for texts, cells in places.items()}


def cell_range(addresses: Iterable[str]) -> str:
    """Return cells as people write them: D9:Z9, D12; rows with the same first and last column are one block."""
    spans: dict[int, list[int]] = {}
    for row, column in filter(None, map(position, addresses)):
        spans.setdefault(row, []).append(column)
    blocks: list[Block] = []
    for row, columns in sorted(spans.items()):
        first, last = min(columns), max(columns)
        if blocks and blocks[-1][1:] == (first, row - 1, last):
            blocks[-1] = (blocks[-1][0], first, row, last)
        else:
            blocks.append((row, first, row, last))
    texts = [block_address(block).removesuffix(f":{block_address(block).partition(':')[0]}") for block in blocks]
    return ", ".join([*texts[:_MOST_RANGES], *(["…"] if len(texts) > _MOST_RANGES else [])])


def _joined(texts: tuple[str, ...], cells: list[list[str]]) -> str:
    """Return the texts of equal sentences with the cells that stand between them, all sentences' at each place."""
    ranges = [_worded(cell_range(at)) for at in zip(*cells, strict=True)]
    return "".join(part for pair in zip(texts, [*ranges, ""], strict=True) for part in pair)


def _worded(cells: str) -> str:
    return f"cell{'s' if ':' in cells or ',' in cells else ''} {cells}"
