-- grain: version of a contact; personal data, read by no mart
-- additive: nothing
with

versions as (
    {{ row_versions(source('raw_salesforce', 'contact'), ['id'], 'system_modstamp') }}
),

renamed as (
    select
        'salesforce:' || id as contact_id,
        'salesforce:' || account_id as account_id,
        first_name,
        last_name,
        lower(nullif(trim(email), '')) as email,
        nullif(trim(phone), '') as phone,
        nullif(trim(title), '') as title,
        nullif(trim(role_c), '') as contact_role,
        'salesforce:' || master_record_id as merged_into_id,
        created_date as created_at,
        version_at,
        coalesce(_deleted_at, case when is_deleted then version_at end) as deleted_at
    from versions
)

select * from renamed
