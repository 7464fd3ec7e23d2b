-- A deal is in the pipeline from the day it was first known until the day of its last closing, never after the
-- clock; the last day shows exactly the deals that are open now.
with snapshot as (
    select * from {{ ref('fct_pipeline_snapshot') }}
),

clock as (
    select {{ business_date('as_of_ts') }} as today from {{ ref('clock') }}
),

lives as (
    select
        opportunities.opportunity_id,
        opportunities.is_open,
        {{ business_date('opportunities.closed_at') }} as closed_date,
        {{ business_date('events.entered_at') }} as known_date
    from {{ ref('fct_opportunity') }} as opportunities
    inner join {{ ref('fct_opportunity_stage_event') }} as events
        on opportunities.opportunity_id = events.opportunity_id and events.event_seq = 1
),

outside as (
    select
        snapshot.opportunity_id,
        snapshot.snapshot_date
    from snapshot
    cross join clock
    inner join lives on snapshot.opportunity_id = lives.opportunity_id
    where
        snapshot.snapshot_date < lives.known_date
        or snapshot.snapshot_date > coalesce(lives.closed_date, clock.today)
),

open_now as (
    select snapshot.opportunity_id
    from snapshot
    inner join clock on snapshot.snapshot_date = clock.today
    where snapshot.is_open
),

differences as (
    select coalesce(open_now.opportunity_id, lives.opportunity_id) as opportunity_id
    from (
        select opportunity_id from lives
        where is_open
    ) as lives
    full outer join open_now on lives.opportunity_id = open_now.opportunity_id
    where lives.opportunity_id is null or open_now.opportunity_id is null
)

select * from outside
union all
select
    opportunity_id,
    null as snapshot_date
from differences
