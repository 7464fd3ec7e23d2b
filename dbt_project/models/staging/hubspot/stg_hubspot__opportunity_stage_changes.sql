-- grain: stage that a deal has entered, its creation included
with deal_values as (
    select * from {{ ref('base_hubspot__deal_values') }}
    where property = 'dealstage'
),

stages as (
    {{ current_rows(
        source('raw_hubspot', 'pipeline_stages'), ['object_type', 'pipeline_id', 'id'], '_extracted_at',
        with_deleted=true
    ) }}
),

labels as (
    select
        id,
        any_value(label order by pipeline_id) as label
    from stages
    where object_type = 'deals'
    group by id
),

renamed as (
    select
        'hubspot:' || deal_values.change_id as change_id,
        'hubspot:' || deal_values.deal_id as opportunity_id,
        coalesce(labels.label, deal_values.value) as stage_name,
        -- HubSpot keeps each property's history by itself
        cast(null as decimal(18, 4)) as amount_document,
        cast(null as double) as probability,
        cast(null as date) as close_date,
        deal_values.changed_at
    from deal_values
    left join labels on deal_values.value = labels.id
)

select * from renamed
