"""Quirks of invoices, currencies, products and series, found in the release."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from dateutil.easter import easter

from tests.integration.quirks.finding import Case, Finding, crm, erp, finding, finding_among_planted

EXCLUDED = "intermediate.int_sales_lines_excluded"
IN_CENTS = 2


def a19_duplicates(case: Case) -> Finding:
    """Second leads of the same person point at the first."""
    clock = case.warehouse.query("select as_of_ts from ops.clock")[0][0]
    created = case.pairs("select lead_id, created_at from marts.fct_lead")
    pairs = case.entry()["expected"]["duplicate_of"].items()
    planted = {(crm(c), crm(o)) for c, o in pairs if crm(c) not in created or created[crm(c)] <= clock}
    found = case.warehouse.query(
        "select lead_id, duplicate_of_lead_id from marts.fct_lead where duplicate_of_lead_id is not null"
    )
    return finding("A19", "duplicate leads", planted, found)


def a19_existing_deals(case: Case) -> Finding:
    """Leads that were converted into a deal older than they are."""
    planted = {(crm(lead), crm(deal)) for lead, deal in case.entry()["expected"]["existing_deal"].items()}
    found = case.warehouse.query("""
        select lead_id, opportunity_id from marts.fct_lead as lead inner join marts.fct_opportunity as deal
            using (opportunity_id)
        where lead.converted_at > deal.created_at + interval 8 day""")
    keys = {lead for lead, _ in planted}
    return finding_among_planted(
        "A19", "leads converted to an existing deal", planted, {row for row in found if row[0] in keys}
    )


def a21_invoices(case: Case) -> Finding:
    """Invoices issued after local midnight belong to the new month."""
    planted = {(erp(key), day) for key, day in case.entry("invoice")["expected"]["business_date"].items()}
    keys = [key for key, _ in planted]
    found = case.warehouse.query(
        "select distinct invoice_id, invoice_date::varchar from marts.fct_sales where list_contains(?, invoice_id)",
        keys,
    )
    return finding_among_planted("A21", "invoices issued around midnight", planted, found)


def q9_returns(case: Case) -> Finding:
    """Credit notes that name no invoice are counted, without an order line."""
    found = case.ids("""
        select invoice_id from marts.fct_sales where document_type = 'credit_note'
        group by invoice_id having bool_and(order_line_id is null)""")
    return finding("Q9", "credit notes without a reference", map(erp, case.entry()["keys"]), found)


def q13_missing_days(case: Case) -> Finding:
    """Week days without a rate on which the bank was open: found in the rates, bridged by the last known one."""
    found = case.ids("""
        with rated as (select distinct rate_date from marts.fct_fx_rate where rate_type = 'daily')
        select date_day::varchar from marts.dim_date
        where isodow(date_day) < 6 and date_day not in (from rated)
            and date_day between (select min(rate_date) from rated) and (select max(rate_date) from rated)
            and strftime(date_day, '%m-%d') not in ('01-01', '05-01', '12-25', '12-26')""")
    return finding("Q13", "week days without a rate", case.entry()["keys"], found - _easter_holidays())


def _easter_holidays() -> set[str]:
    """Good Friday and Easter Monday, on which the European central bank publishes nothing."""
    return {(easter(year) + timedelta(days=day)).isoformat() for year in range(2022, 2027) for day in (-2, 1)}


def q13_amounts(case: Case) -> Finding:
    """Document amounts per foreign currency to the cent, excluded lines included."""
    planted = {(currency, round(v, IN_CENTS)) for currency, v in case.entry()["expected"]["document_amounts"].items()}
    found = case.warehouse.query_build(f"""
        select currency, round(sum(net_amount_document), {IN_CENTS})::double from (
            select currency, net_amount_document from marts.fct_sales
            union all select currency, net_amount_document from {EXCLUDED})
        where currency <> 'EUR' group by currency""")
    return finding("Q13", "foreign document amounts", planted, found)


def q14_outside(case: Case) -> Finding:
    """The intercompany and the test customer are left out for that reason, line by line."""
    expected = case.entry()["expected"]
    planted = {(erp(number), kind) for kind, number in expected["customers"].items()}
    rows = case.warehouse.query_build(f"""
        select distinct customer_source_id, replace(exclusion_reason, '_customer', '') from {EXCLUDED}
        where exclusion_reason in ('intercompany', 'test_customer')""")
    return finding("Q14", "customers outside revenue", planted, rows)


def q14_lines(case: Case) -> Finding:
    """As many lines are left out as were planted, and none of these customers is in sales."""
    expected = case.entry()["expected"]
    excluded = f"select count(*) from {EXCLUDED} where exclusion_reason in ('intercompany', 'test_customer')"
    customers = [erp(number) for number in expected["customers"].values()]
    counted = case.warehouse.query(
        "select count(*) from marts.fct_sales where list_contains(?, customer_id)", customers
    )
    found = [("excluded", case.warehouse.query_build(excluded)[0][0]), ("counted", counted[0][0])]
    return finding("Q14", "their lines", [("excluded", expected["lines"]), ("counted", 0)], found)


def q15_cancelled(case: Case) -> Finding:
    """Cancelled invoices are kept with their reason, and are in no sum."""
    expected = case.entry()["expected"]
    planted = {erp(key) for key in expected["invoices"] if key not in expected["invoices_cancelled_after_now"]}
    rows = case.warehouse.query_build(f"""
        select distinct invoice_id from {EXCLUDED} where exclusion_reason = 'cancelled'
            and invoice_id not in (select invoice_id from marts.fct_sales)""")
    return finding("Q15", "cancelled invoices", planted, {row[0] for row in rows})


def q16_tax(case: Case) -> Finding:
    """Invoices whose stored amounts were with tax and are net in the warehouse."""
    rows = case.warehouse.query_build("""
        select 'erp:' || invoice_no from (
            select invoice_no, sum(line_amount) as stored from (
                select distinct invoice_no, line_no, line_amount from state.raw_erp.invoice_line) group by 1)
        inner join (
            select split_part(invoice_id, ':', 2) as invoice_no, sum(net_amount_document) as net
            from intermediate.int_sales_lines_unioned where document_type = 'invoice' group by 1) using (invoice_no)
        where abs(stored - net) > 0.02""")
    known = {row[0] for row in case.warehouse.query_build("select 'erp:' || invoice_no from state.raw_erp.invoice")}
    planted = known & set(map(erp, case.entry()["keys"]))
    return finding("Q16", "tax-inclusive invoices", planted, {row[0] for row in rows})


def q18_successors(case: Case) -> Finding:
    """A re-coded SKU and its successor are one product."""
    planted = case.entry()["expected"]["successors"].items()
    found = case.warehouse.query("""
        select distinct old.sku, new.sku from marts.dim_product as old
        inner join marts.dim_product as new using (product_id)
        where new.is_current and old.sku <> new.sku""")
    return finding("Q18", "re-coded SKUs", planted, found)


def q18_discontinued(case: Case) -> Finding:
    """Discontinued products and their last day."""
    expected = case.entry()["expected"]
    found = case.warehouse.query(
        "select distinct sku, discontinued_date::varchar from marts.dim_product where discontinued_date is not null"
    )
    known = {row for row in found if row[0] not in expected["successors"]}
    return finding("Q18", "discontinued SKUs", expected["discontinued"].items(), known)


def q18_launched(case: Case) -> Finding:
    """Products launched within the history; the successors of re-coded SKUs are new codes, not new products."""
    expected = case.entry()["expected"]
    found = case.ids("select distinct sku from marts.dim_product where launch_date > date '2022-02-01'")
    return finding("Q18", "launched SKUs", expected["launched"], found - set(expected["successors"].values()))


def f1_price_rise(case: Case) -> Finding:
    """The price rise of March 2024 shows in the prices that were paid, like for like; no other March has one."""
    found = case.ids("""
        with yearly as (
            select product_key, currency, year(invoice_date - interval 2 month) as year_from_march,
                median(net_amount_document / quantity) as price
            from marts.fct_sales where document_type = 'invoice' and quantity > 0 group by all
        ),
        changes as (
            select year_from_march, price / lag(price) over (
                partition by product_key, currency order by year_from_march) as change
            from yearly
        )
        select year_from_march from changes group by year_from_march having median(change) between 1.03 and 1.06""")
    return finding("F1", "year from March with a price rise", [2024], found)


def f2_project(case: Case) -> Finding:
    """The one-off project stays in the actuals, to the cent, as the largest document.

    Profile S shrinks it to the size of its neighbours, so no series flags it there; flagging is tested in forecasting.
    """
    planted = {(erp(key), round(case.entry()["expected"]["net_eur"], IN_CENTS)) for key in case.entry()["keys"]}
    found = case.warehouse.query(f"""
        select invoice_id, round(sum(net_amount), {IN_CENTS})::double as total from marts.fct_sales
        group by invoice_id order by total desc limit 1""")
    return finding("F2", "one-off project in actuals", planted, found)


def f3_lumpy(case: Case) -> Finding:
    """Intermittent and lumpy SKUs have months without sales; SKU series come with a later cadence."""
    found = case.ids("""
        select sku from marts.dim_product
        left join (
            select product_key, date_trunc('month', invoice_date) as month from marts.fct_sales) using (product_key)
        group by sku having count(distinct month) < 38 / 1.32""")
    planted = set(case.entry()["keys"])
    return finding_among_planted("F3", "intermittent and lumpy SKUs", planted, found & planted)


def f4_region(case: Case) -> Finding:
    """The young region has sales from its opening on, and a forecast."""
    region = case.entry()["expected"]["region"]
    first = case.ids(
        """
        select strftime(min(invoice_date), '%Y-%m') >= '2024-09' from marts.fct_sales
        inner join (select distinct territory_id, region from marts.dim_territory) using (territory_id)
        where region = ?""",
        region,
    )
    forecast = case.ids("""
        select distinct region from forecast.dim_series inner join forecast.fct_forecast using (series_id)
        inner join forecast.forecast_run using (run_id)
        where level = 'region' and is_champion and yhat is not null
            and data_as_of = (select max(data_as_of) from forecast.forecast_run)""")
    return finding_among_planted(
        "F4", "young region with a forecast", [region], forecast & {region} if first == {True} else set()
    )


def f4_products(case: Case) -> Finding:
    """Products with a short history sell only from their launch on."""
    found = case.ids("""
        select sku from marts.dim_product inner join marts.fct_sales using (product_key)
        where launch_date > date '2022-02-01' group by sku having min(invoice_date) >= min(launch_date)""")
    planted = set(case.entry()["expected"]["skus"])
    sold = case.ids("select distinct sku from marts.fct_sales inner join marts.dim_product using (product_key)")
    return finding_among_planted("F4", "young SKUs", planted & sold, found & planted)


def f5_late_postings(case: Case) -> Finding:
    """Invoices posted days after the close of their month, with both dates."""
    clock = case.warehouse.query("select as_of_ts from ops.clock")[0][0].isoformat()
    moments = case.entry()["expected"]["invoice_date_and_posted_at"]
    planted = {(erp(key), day, posted) for key, (day, posted) in moments.items() if posted <= clock}
    rows = case.warehouse.query("""
        select distinct invoice_id, invoice_date::varchar, posted_at from marts.fct_sales
        where document_type = 'invoice'
            and posted_at > date_trunc('month', invoice_date) + interval 1 month + interval 2 day""")
    return finding("F5", "late postings", planted, {(key, day, at.isoformat()) for key, day, at in rows})


def o3_pages(case: Case) -> Finding:
    """A page that failed once and one that came twice leave neither gap nor duplicate."""
    rows = case.warehouse.query_build("""
        select 'opportunity', count(*) - count(distinct (id, _row_hash)) from state.raw_salesforce.opportunity
        union all select 'task', count(*) - count(distinct (id, _row_hash)) from state.raw_salesforce.task""")
    counted = case.warehouse.query("select distinct 'counts', status from quality.reconciliation")
    return finding(
        "O3", "duplicates, and counts against the source",
        [("opportunity", 0), ("task", 0), ("counts", "passed")], [*rows, *counted],
    )  # fmt: skip


FINDERS: dict[str, list[Callable[[Case], Finding]]] = {
    "A19": [a19_duplicates, a19_existing_deals],
    "A21": [a21_invoices],
    "Q9": [q9_returns],
    "Q13": [q13_missing_days, q13_amounts],
    "Q14": [q14_outside, q14_lines],
    "Q15": [q15_cancelled],
    "Q16": [q16_tax],
    "Q18": [q18_successors, q18_discontinued, q18_launched],
    "F1": [f1_price_rise],
    "F2": [f2_project],
    "F3": [f3_lumpy],
    "F4": [f4_region, f4_products],
    "F5": [f5_late_postings],
    "O3": [o3_pages],
}
