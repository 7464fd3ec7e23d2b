-- grain: version of a deal
with versions as (
    {{ row_versions(source('raw_salesforce', 'opportunity'), ['id'], 'system_modstamp') }}
),

renamed as (
    select
        'salesforce:' || id as opportunity_id,
        name as opportunity_name,
        coalesce(pipeline_c, 'UNKNOWN') as pipeline_id,
        'salesforce:' || account_id as account_id,
        'salesforce:' || owner_id as owner_id,
        amount as amount_document,
        currency_iso_code as currency,
        stage_name,
        -- the CRM keeps percentages, the warehouse ratios
        probability / 100.0 as probability,
        forecast_category_name as forecast_category,
        close_date,
        lead_source as source_name,
        'salesforce:' || campaign_id as campaign_id,
        next_step,
        loss_reason_c as loss_reason,
        competitor_c as competitor,
        is_closed,
        is_won,
        'salesforce:' || {{ salesforce_id('merged_into_c') }} as merged_into_id,
        created_date as created_at,
        -- pipelines whose history began late are named in the settings
        true as is_close_date_history_known,
        version_at,
        version_no,
        coalesce(_deleted_at, case when is_deleted then version_at end) as deleted_at
    from versions
    -- a tombstone of a row that was never seen has nothing to tell
    where created_date is not null
)

select * from renamed
