"""Hand things out: releases of the marts, and reports made from a release.

What belongs here: publishing, report definitions and file writers. What does not: computing any metric; a report
reads what the marts and forecasts say.
"""
