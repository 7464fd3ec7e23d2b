-- grain: opportunity × move of the close date to a later day while the deal was open
with timeline as (
    select * from {{ ref('int_opportunity_timeline') }}
),

sequenced as (
    select
        opportunity_id,
        changed_at,
        business_date as pushed_date,
        close_date as to_close_date,
        lag(close_date) over (partition by opportunity_id order by changed_at) as from_close_date,
        is_closed or is_deleted as is_out,
        lag(is_closed or is_deleted, 1, false) over (partition by opportunity_id order by changed_at) as was_out
    from timeline
),

pushes as (
    select
        opportunity_id,
        changed_at as pushed_at,
        pushed_date,
        from_close_date,
        to_close_date
    from sequenced
    -- neither the closing, which sets the date, nor a re-opening is a push
    where to_close_date > from_close_date and not is_out and not was_out
)

select * from pushes
