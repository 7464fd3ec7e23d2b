-- grain: version of a deal
with versions as (
    {{ row_versions(source('raw_hubspot', 'deals'), ['id'], hubspot_stamp()) }}
),

merged as (
    {{ hubspot_merges('deals') }}
),

links as (
    select * from {{ ref('base_hubspot__links') }}
    where from_object_type = 'deals' and to_object_type = 'companies'
),

stages as (
    {{ current_rows(
        source('raw_hubspot', 'pipeline_stages'), ['object_type', 'pipeline_id', 'id'], '_extracted_at',
        with_deleted=true
    ) }}
),

close_dates as (
    select
        deal_id,
        bool_or(is_late_start) as is_late_start
    from {{ ref('base_hubspot__deal_values') }}
    where property = 'closedate'
    group by deal_id
),

renamed as (
    select
        'hubspot:' || versions.id as opportunity_id,
        versions.dealname as opportunity_name,
        coalesce(versions.pipeline, 'UNKNOWN') as pipeline_id,
        'hubspot:' || links.to_object_id as account_id,
        'hubspot:' || versions.hubspot_owner_id as owner_id,
        versions.amount as amount_document,
        versions.deal_currency_code as currency,
        coalesce(stages.label, versions.dealstage) as stage_name,
        versions.hs_deal_stage_probability as probability,
        versions.hs_manual_forecast_category as forecast_category,
        {{ business_date('versions.closedate') }} as close_date,
        coalesce(versions.lead_source, versions.hs_analytics_source) as source_name,
        cast(null as varchar) as campaign_id,
        versions.hs_next_step as next_step,
        versions.closed_lost_reason as loss_reason,
        versions.competitor,
        coalesce(versions.hs_is_closed, stages.is_closed) as is_closed,
        coalesce(versions.hs_is_closed_won, stages.is_closed and stages.probability = 1) as is_won,
        case when versions._deleted_at is not null then 'hubspot:' || merged.into_id end as merged_into_id,
        coalesce(versions.createdate, versions.created_at) as created_at,
        -- no past values of a close date that is there: the portal does not tell how often it was moved
        coalesce(not close_dates.is_late_start, versions.closedate is null) as is_close_date_history_known,
        versions.version_at,
        versions.version_no,
        coalesce(versions.archived_at, versions._deleted_at) as deleted_at
    from versions
    left join merged on versions.id = merged.merged_id
    left join links on versions.id = links.from_object_id
    left join stages
        on
            stages.object_type = 'deals' and versions.pipeline = stages.pipeline_id
            and versions.dealstage = stages.id
    left join close_dates on versions.id = close_dates.deal_id
)

select * from renamed
