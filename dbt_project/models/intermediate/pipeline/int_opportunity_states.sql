-- grain: opportunity × span of business days; the state at the end of each day of [valid_from, valid_to)
with timeline as (
    select * from {{ ref('int_opportunity_timeline') }}
),

stage_moves as (
    select * from {{ ref('int_opportunity_stage_moves') }}
),

closing_days as (
    select distinct
        opportunity_id,
        entered_date
    from stage_moves
    where to_is_closed
),

ends_of_day as (
    select *
    from timeline
    qualify row_number() over (partition by opportunity_id, business_date order by changed_at desc) = 1
),

states as (
    select
        ends_of_day.* exclude (changed_at, business_date),
        ends_of_day.business_date as valid_from,
        lead(ends_of_day.business_date) over (
            partition by ends_of_day.opportunity_id order by ends_of_day.business_date
        ) as valid_to,
        ends_of_day.is_closed and closing_days.entered_date is not null as is_closing_day
    from ends_of_day
    left join closing_days
        on
            ends_of_day.opportunity_id = closing_days.opportunity_id
            and ends_of_day.business_date = closing_days.entered_date
)

select * from states
