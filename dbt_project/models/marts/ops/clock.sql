-- grain: one row, the now of every model, check and report
-- additive: nothing
with

run_clock as (
    select * from {{ source('ops', 'run_clock') }}
),

final as (
    select
        as_of_ts,
        {{ business_date('as_of_ts') }} as business_date
    from run_clock
)

select * from final
