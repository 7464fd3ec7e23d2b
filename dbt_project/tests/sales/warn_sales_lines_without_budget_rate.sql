-- Lines that lack a budget rate although the company sets budget rates: constant-currency sums miss them.
{{ config(severity='warn') }}
select
    sales_line_id,
    currency,
    invoice_date
from {{ ref('fct_sales') }}
where
    net_amount_budget_rate is null
    and exists (
        select 1 from {{ ref('fct_fx_rate') }}
        where rate_type = 'budget'
    )
