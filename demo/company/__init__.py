"""Nordwind Components as numbers: every version of every row of its systems, from one integer seed.

One module per business process; `timeline` is what the outside uses. Files, servers and databases do not belong
here: they are rendered from the timeline elsewhere.
"""
