"""Rows drawn for the eye: a table, or one value a line where the terminal is too narrow for it.

What belongs here: widths, and which cells may be wrapped. What does not: values as text (`rows.py`) and what is shown
when (`console.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from orchestration.rows import Rows, as_cell, is_number

_SHORT = 24
"""Letters of the longest cell of a column that keeps its line though it has spaces, such as a time."""

_ANY_WIDTH = 1_000_000


def draw(console: Console, title: str, rows: Rows) -> None:
    """Print the rows as a table on `console`: of any width into a file or a pipe, no number or path broken anywhere."""
    unlimited = Console(file=console.file, width=_ANY_WIDTH, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        unlimited.print(_table(title, rows))
        return
    for table in (_table(title, rows), _table(title, rows, is_narrow=True)):
        if Measurement.get(unlimited, unlimited.options, table).minimum <= console.width:
            console.print(table)
            return
    console.print(_one_value_a_line(title, rows))


def _table(title: str, rows: Rows, *, is_narrow: bool = False) -> Table:
    """Headings and cells as plain text: a bracket in them is a bracket, not markup.

    A narrow table breaks its headings and all cells between words.
    """
    table = Table(title=Text(title) if title else None, title_justify="left", header_style="bold")
    for name, values in zip(rows.columns, zip(*rows.records, strict=True), strict=True):
        heading = name.replace("_", "_\n").replace(" ", "\n") if is_narrow else name
        numeric = all(is_number(value) for value in values if value is not None)
        cells = [as_cell(value) for value in values]
        width = (
            None if _is_prose(cells, 0 if is_narrow else _SHORT) else max(map(cell_len, [*heading.split("\n"), *cells]))
        )
        table.add_column(
            Text(heading), justify="right" if numeric else "left", overflow="fold", no_wrap=bool(width), min_width=width
        )
    for record in rows.records:
        table.add_row(*(Text(as_cell(value)) for value in record))
    return table


def _is_prose(cells: Sequence[str], short: int) -> bool:
    """Whether a column may be wrapped between its words, of which a `short` cell keeps its line."""
    return any("\n" in cell or (" " in cell and cell_len(cell) > short) for cell in cells)


def _one_value_a_line(title: str, rows: Rows) -> Text:
    width = max(map(cell_len, rows.columns))
    records = [
        "\n".join(f"{name}{' ' * (width - cell_len(name))}  {as_cell(value)}" for name, value in named)
        for named in (zip(rows.columns, record, strict=True) for record in rows.records)
    ]
    return Text("\n".join([*([title] if title else []), "\n\n".join(records)]))
