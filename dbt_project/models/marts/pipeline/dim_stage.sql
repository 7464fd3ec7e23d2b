-- grain: pipeline × stage × validity of its label, and one UNKNOWN member
-- additive: nothing
with stage_mapping as (
    select * from {{ ref('stage_mapping') }}
),

crm_stages as (
    {{ staged('stages') }}
),

-- a company whose mappings bring no stages has no pipeline either
used_stages as (
    select * from stage_mapping
    where exists (select 1 from crm_stages)
),

final as (
    select
        pipeline_id,
        stage_id,
        stage_name,
        stage_order,
        forecast_category,
        default_probability,
        is_closed,
        is_won,
        if(valid_from = date '1900-01-01', timestamp '1900-01-01', {{ business_midnight('valid_from') }}) as valid_from,
        {{ business_midnight('valid_to') }} as valid_to,
        valid_to is null as is_current
    from used_stages
    union all
    select
        'UNKNOWN' as pipeline_id,
        'UNKNOWN' as stage_id,
        'UNKNOWN' as stage_name,
        0 as stage_order,
        'Omitted' as forecast_category,
        0.0 as default_probability,
        false as is_closed,
        false as is_won,
        timestamp '1900-01-01' as valid_from,
        cast(null as timestamp) as valid_to,
        true as is_current
)

select * from final
