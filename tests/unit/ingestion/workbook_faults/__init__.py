"""Malformed and awkward spreadsheets, each with what must come of it; one module per kind of fault.

`Fault.number` is that of the list of bad spreadsheets which the warehouse promises to survive.
"""

from __future__ import annotations

from workbook_faults.dates import DATES
from workbook_faults.fault import Fault
from workbook_faults.files import FILES
from workbook_faults.hidden import HIDDEN
from workbook_faults.layouts import LAYOUTS
from workbook_faults.names import NAMES
from workbook_faults.numbers import NUMBERS

FAULTS: list[Fault] = sorted(
    [*LAYOUTS, *HIDDEN, *NUMBERS, *NAMES, *DATES, *FILES], key=lambda fault: (fault.number, fault.name)
)

__all__ = ["FAULTS", "Fault"]
