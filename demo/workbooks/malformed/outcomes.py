"""The folder of malformed workbooks and the file that says what must come of each.

What does not belong here: the workbooks (`cases.py`).
"""

from __future__ import annotations

from pathlib import Path

import yaml

from demo.company.model import Company
from demo.workbooks.malformed.cases import Malformed, malformed_workbooks

OUTCOMES_FILE = "expected_outcomes.yml"
_HEAD = """\
# What `saleswh workbook check` must make of each file here. The amount is that of the rows loaded; `cell` is empty
# where the whole file is refused, A1 where the sheet is. This folder is no drop folder: nothing here is loaded.
"""


def write_malformed(folder: Path, company: Company) -> None:
    """Write the ten workbooks and their expected outcomes into a folder that is not there yet."""
    folder.mkdir(parents=True)
    workbooks = malformed_workbooks(company)
    for workbook in workbooks:
        (folder / workbook.file_name).write_bytes(workbook.content)
    outcomes = yaml.safe_dump([_outcome(w) for w in workbooks], sort_keys=False, allow_unicode=True, width=120)
    (folder / OUTCOMES_FILE).write_text(_HEAD + outcomes, encoding="utf-8")


def _outcome(workbook: Malformed) -> dict[str, object]:
    loaded = "loaded" if not workbook.refused else "partly loaded" if workbook.rows_loaded else "rejected"
    return {
        "file": workbook.file_name,
        "fault": workbook.fault,
        "outcome": loaded,
        "rows_loaded": workbook.rows_loaded,
        "amount": workbook.amount,
        "refused": [{"cell": cell, "message": sentence} for cell, sentence in workbook.refused.items()],
    }
