"""The reports: one file each, listed in `REPORTS`."""

from exports.report import Report
from exports.reports.budget_vs_actual import BUDGET_VS_ACTUAL
from exports.reports.forecast_pack import FORECAST_PACK
from exports.reports.sales_process import SALES_PROCESS

REPORTS: dict[str, Report] = {report.report_id: report for report in (BUDGET_VS_ACTUAL, FORECAST_PACK, SALES_PROCESS)}
