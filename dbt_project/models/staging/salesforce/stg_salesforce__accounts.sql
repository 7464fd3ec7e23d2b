-- grain: version of a CRM account
-- additive: nothing
with

versions as (
    {{ row_versions(source('raw_salesforce', 'account'), ['id'], 'system_modstamp') }}
),

renamed as (
    select
        'salesforce:' || id as account_id,
        name as account_name,
        'salesforce:' || parent_id as parent_account_id,
        'salesforce:' || master_record_id as merged_into_id,
        {{ normalised_domain('website') }} as domain,
        nullif(trim(vat_number_c), '') as vat_no,
        upper(nullif(trim(billing_country_code), '')) as country,
        nullif(trim(industry), '') as industry,
        nullif(trim(type), '') as customer_type,
        nullif(trim(segment_c), '') as segment,
        nullif(trim(account_source), '') as acquisition_source,
        'salesforce:' || owner_id as owner_id,
        created_date as created_at,
        version_at,
        coalesce(_deleted_at, case when is_deleted then version_at end) as deleted_at,
        version_no
    from versions
    -- a tombstone of a record that was never seen says nothing about a party
    where name is not null
)

select * from renamed
