"""The demo company: a made-up distributor to try the warehouse on.

Belongs here: the generator of its business (`company`), its systems (`systems`) and its budget workbooks
(`workbooks`). Does not belong here: anything that loads, models or reports; of the warehouse's own packages only
the source contracts (`ingestion.sources.*.tables`) are known here.
"""
