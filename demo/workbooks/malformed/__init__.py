"""Ten tiny budget workbooks as they should not be, each with what must come of it.

What belongs here: small budget tables, the ways to spoil them, their bytes in each format, and the expected outcomes
(a part of the answer key: no load reads them). Not here: the company's real deliveries (`demo.workbooks.book`), reading
workbooks.
"""

from __future__ import annotations

from demo.workbooks.malformed.cases import Malformed, malformed_workbooks
from demo.workbooks.malformed.outcomes import OUTCOMES_FILE, write_malformed

__all__ = ["OUTCOMES_FILE", "Malformed", "malformed_workbooks", "write_malformed"]
