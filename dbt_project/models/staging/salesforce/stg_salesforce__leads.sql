-- grain: version of a lead
with versions as (
    {{ row_versions(source('raw_salesforce', 'lead'), ['id'], 'system_modstamp') }}
),

renamed as (
    select
        'salesforce:' || id as lead_id,
        created_date as created_at,
        lead_source as source_name,
        company,
        lower(trim(email)) as email,
        'salesforce:' || {{ salesforce_id('primary_campaign_c') }} as campaign_id,
        'salesforce:' || owner_id as owner_id,
        segment_c as segment,
        product_line_c as product_line,
        status,
        first_response_at_c as first_response_at,
        qualified_at_c as qualified_at,
        case when is_converted then coalesce(converted_at_c, converted_date) end as converted_at,
        'salesforce:' || converted_account_id as converted_account_id,
        'salesforce:' || converted_opportunity_id as opportunity_id,
        disqualify_reason_c as disqualify_reason,
        'salesforce:' || master_record_id as merged_into_id,
        version_at,
        version_no,
        coalesce(_deleted_at, case when is_deleted then version_at end) as deleted_at
    from versions
    -- a tombstone of a row that was never seen has nothing to tell
    where created_date is not null
)

select * from renamed
