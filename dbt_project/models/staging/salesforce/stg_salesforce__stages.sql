-- grain: stage of the org-wide list, as the CRM labels it today
with stages as (
    {{ current_rows(source('raw_salesforce', 'opportunity_stage'), ['id'], 'system_modstamp') }}
),

renamed as (
    select
        master_label as stage_name,
        sort_order as stage_order,
        forecast_category_name as forecast_category,
        -- the CRM keeps percentages, the warehouse ratios
        default_probability / 100.0 as default_probability,
        is_closed,
        is_won
    from stages
    where is_active
)

select * from renamed
