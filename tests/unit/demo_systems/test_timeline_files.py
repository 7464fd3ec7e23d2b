"""The stored timeline shows the same rows as the generator's own `state_at`, at every moment."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd

from demo.company.frames import crm_timeline
from demo.company.model import Company, TableTimeline
from demo.company.timeline import state_at
from demo.systems.crm_state import CrmState
from demo.systems.schema_events import write_schema_events
from demo.systems.timeline_files import write_timeline


def moments(*texts: str | None) -> pd.Series:
    return pd.Series([pd.Timestamp(t) if t else pd.NaT for t in texts]).astype("datetime64[us]")


def late_leads() -> TableTimeline:
    """L1: its second version shows only after the third. L2: hard-deleted. L3: created after the first look."""
    stamps = ["2025-03-01", "2025-03-02", "2025-03-03", "2025-03-01", "2025-03-02", "2025-03-05"]
    visible = ["2025-03-01", "2025-03-04", "2025-03-03", "2025-03-01", "2025-03-02", "2025-03-05"]
    columns = {"Id": ["L1", "L1", "L1", "L2", "L2", "L3"], "Status": list("abcdef"), "SystemModstamp": moments(*stamps)}
    seconds = [int(pd.Timestamp(text).timestamp()) for text in visible]
    gone = moments(None, None, None, "2025-03-04", "2025-03-04", None)
    return crm_timeline("Lead", columns, visible=seconds, gone=gone)


def test_late_and_deleted_versions_show_as_the_generator_says(tiny: Company, tmp_path: Path) -> None:
    lead = late_leads()
    company = Company(1, "S", tiny.crm | {"Lead": lead}, {}, tiny.fx, [], [], [])
    write_timeline(tmp_path, company)
    write_schema_events(tmp_path, [])
    shown = []
    for day in range(1, 7):
        now = datetime(2025, 3, day, 12)
        state = CrmState(tmp_path).object_at("lead", now)
        assert state is not None
        found = sorted(zip(state.raw["Id"].to_pylist(), state.raw["Status"].to_pylist(), strict=True))
        expected = state_at(lead, now)
        assert found == sorted(zip(expected["Id"], expected["Status"], strict=True))
        shown.append("".join(status for _, status in found))
    assert shown == ["ad", "ae", "ce", "c", "cf", "cf"]
