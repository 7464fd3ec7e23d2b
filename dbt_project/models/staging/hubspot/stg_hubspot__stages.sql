-- grain: stage label of the deal pipelines, as the portal has it today
with stages as (
    {{ current_rows(
        source('raw_hubspot', 'pipeline_stages'), ['object_type', 'pipeline_id', 'id'], '_extracted_at'
    ) }}
),

renamed as (
    select
        label as stage_name,
        min(display_order) as stage_order,
        cast(null as varchar) as forecast_category,
        min(probability) as default_probability,
        bool_or(is_closed) as is_closed,
        bool_or(is_closed and probability = 1) as is_won
    from stages
    where object_type = 'deals' and not coalesce(archived, false)
    group by label
)

select * from renamed
