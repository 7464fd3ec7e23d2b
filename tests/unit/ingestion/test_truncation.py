"""Which loss of rows is taken for a fault of the source."""

from __future__ import annotations

import pytest

from ingestion.landing import is_truncated


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (1000, 499, True),
        (1000, 501, False),
        (40, 19, True),
        (40, 20, False),
        (20, 1, False),
        (20, 0, True),
        (2, 0, True),
        (1, 0, False),
        (0, 0, False),
        (10, 30, False),
    ],
)
def test_half_of_many_rows_or_all_of_several_are_too_many_to_lose(before: int, now: int, expected: bool) -> None:
    assert is_truncated(before, now) is expected
