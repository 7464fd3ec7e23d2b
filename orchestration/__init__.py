"""The only package that imports Dagster or reads the environment; it may import every other package.

What belongs here: settings, resources, assets, checks, schedules and the `saleswh` command. What does not: how to
extract, forecast, check or write anything; the other packages know that and take plain arguments.
"""
