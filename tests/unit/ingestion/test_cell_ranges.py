"""Sentences that differ in their cells only are told once."""

from __future__ import annotations

import pytest

from ingestion.cell_ranges import cell_range, grouped


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["D9"], "D9"),
        (["D9", "D9"], "D9"),
        (["Z9", "D9", "AA9"], "D9:AA9"),
        (["D9", "E9", "D10", "E10", "D12", "E12"], "D9:E10, D12:E12"),
        ([f"B{row}" for row in range(2, 12, 2)], "B2, B4, B6, B8, …"),
    ],
)
def test_cells_become_ranges(cells: list[str], expected: str) -> None:
    assert cell_range(cells) == expected


def test_sentences_are_grouped_by_what_they_say() -> None:
    sentences = [
        "sheet A, cell C6: given twice, first in sheet B, cell D6",
        "sheet A, cell C7: no number, got “TBD”",
        "sheet A, cell D6: given twice, first in sheet B, cell E6",
        "file a.xlsx: damaged",
        "sheet A, cell C8: no number, got “soon”",
        "cell F8: the total says 1",
        "cell F8: the total says 1",
    ]
    assert grouped(sentences) == {
        "sheet A, cells C6:D6: given twice, first in sheet B, cells D6:E6": 2,
        "sheet A, cell C7: no number, got “TBD”": 1,
        "file a.xlsx: damaged": 1,
        "sheet A, cell C8: no number, got “soon”": 1,
        "cell F8: the total says 1": 2,
    }
