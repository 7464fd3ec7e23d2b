"""Workbooks and text tables as grids of cells, read where they can do no harm.

What belongs here: what a file is, its limits, its cells and what one knows of each (error, formula without a result,
hidden, merged, number format). What does not: what the cells mean; a source does that.

`ingestion.workbook.sandbox.read_grids` is the way in. The reading itself happens in a process of its own
(`worker.py`), so this package imports nothing heavy.
"""
