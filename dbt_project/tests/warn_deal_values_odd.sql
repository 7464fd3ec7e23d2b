-- Open deals whose value or date cannot be right (A12): no amount, zero, negative or absurd, no close date, or
-- overdue.
{{ config(severity='warn') }}
with deals as (
    select * from {{ ref('fct_opportunity') }}
    where is_open
),

clock as (
    select {{ business_date('as_of_ts') }} as today from {{ ref('clock') }}
),

typical as (
    select
        clock.today,
        median(deals.amount) as amount
    from clock
    left join deals on deals.amount > 0
    group by clock.today
)

select
    deals.opportunity_id,
    deals.amount,
    deals.expected_close_date,
    case
        when coalesce(deals.amount, 0) = 0 then 'no amount'
        when deals.amount < 0 then 'negative amount'
        when deals.amount > 1000 * typical.amount then 'absurd amount'
        when deals.expected_close_date is null then 'no close date'
        when deals.expected_close_date < typical.today then 'overdue'
    end as problem
from deals
cross join typical
where problem is not null
