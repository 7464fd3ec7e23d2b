-- grain: pipeline × stage, whatever its labels
with stage_mapping as (
    select * from {{ ref('stage_mapping') }}
),

stages as (
    select
        pipeline_id,
        stage_id,
        max(stage_order) as stage_order,
        bool_or(is_closed) as is_closed,
        bool_or(is_won) as is_won,
        arg_max(forecast_category, valid_from) as forecast_category,
        arg_max(default_probability, valid_from) as default_probability,
        min(valid_from) as exists_from,
        max(coalesce(valid_to, date '9999-12-31')) as exists_to
    from stage_mapping
    group by pipeline_id, stage_id
)

select * from stages
