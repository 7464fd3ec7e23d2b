-- A close date that differs from one stage history row to the next without a recorded change in between was
-- changed while changes were not recorded: set var close_date_history_start for the pipeline (A11).
{{ config(severity='warn') }}
with stage_changes as (
    {{ staged('opportunity_stage_changes') }}
),

field_changes as (
    {{ staged('opportunity_field_changes') }}
),

opportunities as (
    select
        opportunity_id,
        pipeline_id,
        created_date
    from {{ ref('int_opportunities_enriched') }}
),

steps as (
    select
        opportunity_id,
        changed_at,
        close_date,
        lag(changed_at) over per_deal as before_at,
        lag(close_date) over per_deal as before_close_date
    from stage_changes
    window per_deal as (partition by opportunity_id order by changed_at, change_id)
)

select
    opportunities.pipeline_id,
    steps.opportunity_id,
    steps.changed_at
from steps
inner join opportunities on steps.opportunity_id = opportunities.opportunity_id
where
    steps.close_date <> steps.before_close_date
    and not exists (
        select 1
        from field_changes
        where
            field_changes.opportunity_id = steps.opportunity_id
            and field_changes.field_name = 'close_date'
            and field_changes.changed_at between steps.before_at and steps.changed_at
    )
    {%- for pipeline, start in var('close_date_history_start').items() %}
        and not (opportunities.pipeline_id = '{{ pipeline }}' and steps.before_at < timestamp '{{ start }}')
    {%- endfor %}
