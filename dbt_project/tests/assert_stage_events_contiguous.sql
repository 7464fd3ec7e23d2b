-- The events of a deal are numbered without a gap, and each begins when and where the one before ends.
select
    opportunity_id,
    event_seq
from {{ ref('fct_opportunity_stage_event') }}
window per_deal as (partition by opportunity_id order by event_seq)
qualify
    event_seq <> row_number() over per_deal
    or from_stage_id is distinct from lag(to_stage_id) over per_deal
    or coalesce(entered_at <> lag(exited_at) over per_deal, false)
    or duration_days < 0
