"""Great Expectations suites at the Python borders: raw tables, forecasts, exported files; registered here.

Here: one suite per table in `<schema>__<table>.py`, plain data; `runner.run_suite` evaluates one on a frame. Not here:
assertions inside the warehouse (dbt tests) and on code (pytest). Importing this package does not import Great
Expectations.
"""

from __future__ import annotations

from expectations import (
    exports__report_file,
    forecast__fct_forecast,
    forecast__fct_forecast_accuracy,
    forecast__fct_win_probability,
    forecast__forecast_run,
    raw_budget__line,
    raw_erp__credit_note,
    raw_erp__credit_note_line,
    raw_erp__customer,
    raw_erp__invoice,
    raw_erp__invoice_line,
    raw_erp__product,
    raw_fx__rate,
    raw_salesforce__account,
    raw_salesforce__lead,
    raw_salesforce__opportunity,
    raw_salesforce__opportunity_history,
    raw_salesforce__user,
)
from expectations.suite import Suite

SUITES: dict[str, Suite] = {
    "raw_salesforce/account": raw_salesforce__account.SUITE,
    "raw_salesforce/lead": raw_salesforce__lead.SUITE,
    "raw_salesforce/opportunity": raw_salesforce__opportunity.SUITE,
    "raw_salesforce/opportunity_history": raw_salesforce__opportunity_history.SUITE,
    "raw_salesforce/user": raw_salesforce__user.SUITE,
    "raw_erp/credit_note": raw_erp__credit_note.SUITE,
    "raw_erp/credit_note_line": raw_erp__credit_note_line.SUITE,
    "raw_erp/customer": raw_erp__customer.SUITE,
    "raw_erp/invoice": raw_erp__invoice.SUITE,
    "raw_erp/invoice_line": raw_erp__invoice_line.SUITE,
    "raw_erp/product": raw_erp__product.SUITE,
    "raw_fx/rate": raw_fx__rate.SUITE,
    "raw_budget/line": raw_budget__line.SUITE,
    "forecast/forecast_run": forecast__forecast_run.SUITE,
    "forecast/fct_forecast": forecast__fct_forecast.SUITE,
    "forecast/fct_forecast_accuracy": forecast__fct_forecast_accuracy.SUITE,
    "forecast/fct_win_probability": forecast__fct_win_probability.SUITE,
    "exports/report_file": exports__report_file.SUITE,
}
"""Suite by ``schema/table``, the table's key in the asset graph; `exports/report_file` speaks of every report file."""

__all__ = ["SUITES", "Suite"]
