-- Every stage label of a deal or its history means a stage of its pipeline. The build stops with one sentence
-- that names the labels that do not.
with unknown_labels as (
    select distinct format('"{}" of pipeline "{}"', stage_name, pipeline_id) as label
    from {{ ref('int_opportunity_stage_events') }}
    where to_stage_id is null
),

sentence as (
    select
        count(*) as unknown_count,
        'Unknown stage ' || string_agg(label, ', ' order by label)
        || ': the CRM uses it, seeds/stage_mapping.csv does not know it; add one row for each pipeline.' as message
    from unknown_labels
)

select message
from sentence
where case when unknown_count > 0 then cast(error(message) as boolean) else false end
