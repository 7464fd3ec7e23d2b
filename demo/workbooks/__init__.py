"""The demo company's budget workbooks, as its finance department sends them.

What belongs here: turning budget numbers into workbooks with everything that makes them hard to read by machine,
and the template file that describes their layout. Not here: the numbers (`demo.company`), the folder in which the
workbooks arrive (`demo.systems.drop_folder`), reading them back.
"""

from __future__ import annotations

from demo.workbooks.book import Delivery, render_budgets
from demo.workbooks.malformed import write_malformed
from demo.workbooks.templates import write_aliases, write_templates

__all__ = ["Delivery", "render_budgets", "write_aliases", "write_malformed", "write_templates"]
