-- Every day lies inside its fiscal period, and a period begins on the day after the one before it ended.
with

days as (
    select * from {{ ref('dim_date') }}
),

periods as (
    select distinct
        fiscal_period_key,
        fiscal_period_start,
        fiscal_period_end
    from days
)

select
    fiscal_period_key,
    fiscal_period_start,
    fiscal_period_end
from periods
qualify fiscal_period_start <> lag(fiscal_period_end) over (order by fiscal_period_key) + 1
union all
select
    fiscal_period_key,
    date_day as fiscal_period_start,
    date_day as fiscal_period_end
from days
where date_day not between fiscal_period_start and fiscal_period_end
