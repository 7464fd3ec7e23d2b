-- Whatever its grain, each version repeats the whole net revenue of its fiscal years exactly once.
with

sales as (
    select
        dates.fiscal_year,
        sum(sales.net_amount) as net_amount
    from {{ ref('fct_sales') }} as sales
    inner join {{ ref('dim_date') }} as dates on sales.invoice_date = dates.date_day
    group by dates.fiscal_year
),

budget_vs_actual as (
    select
        budget_version,
        fiscal_period_key // 100 as fiscal_year,
        sum(actual_amount) as actual_amount,
        sum(variance_amount) as variance_amount,
        sum(if(actual_amount is null, 0, budget_amount)) as budget_amount
    from {{ ref('fct_budget_vs_actual') }}
    group by all
)

select
    budget_vs_actual.*,
    sales.net_amount
from budget_vs_actual
left join sales on budget_vs_actual.fiscal_year = sales.fiscal_year
where
    coalesce(budget_vs_actual.actual_amount, 0) <> coalesce(sales.net_amount, 0)
    or coalesce(budget_vs_actual.variance_amount, 0)
    <> coalesce(budget_vs_actual.actual_amount, 0) - coalesce(budget_vs_actual.budget_amount, 0)
