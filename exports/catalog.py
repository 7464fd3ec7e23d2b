"""The report catalogue as rows of `ops.report_catalog`.

What belongs here: turning the registry into rows. What does not: the registry (`reports/`).
"""

from __future__ import annotations

import pandas as pd

from exports.reports import REPORTS


def report_catalog() -> pd.DataFrame:
    """One row per registered report, columns as in `ops.report_catalog`."""
    return pd.DataFrame(
        [
            {
                "report_id": report.report_id,
                "title": report.title,
                "cadence": report.cadence,
                "breakdowns": report.breakdowns,
                "formats": "xlsx,csv",
                "audience": report.audience,
                "requirement_ids": ",".join(report.requirement_ids),
            }
            for report in REPORTS.values()
        ]
    )
