-- grain: version of a contact; personal data, read by no mart
-- additive: nothing
with

versions as (
    {{ row_versions(source('raw_hubspot', 'contacts'), ['id'], hubspot_stamp()) }}
),

merged as (
    {{ hubspot_merges('contacts') }}
),

renamed as (
    select
        'hubspot:' || versions.id as contact_id,
        'hubspot:' || versions.associatedcompanyid as account_id,
        versions.firstname as first_name,
        versions.lastname as last_name,
        lower(nullif(trim(versions.email), '')) as email,
        nullif(trim(versions.phone), '') as phone,
        nullif(trim(versions.jobtitle), '') as title,
        nullif(trim(versions.hs_buying_role), '') as contact_role,
        case when versions._deleted_at is not null then 'hubspot:' || merged.into_id end as merged_into_id,
        coalesce(versions.createdate, versions.created_at) as created_at,
        versions.version_at,
        coalesce(versions.archived_at, versions._deleted_at) as deleted_at
    from versions
    left join merged on versions.id = merged.merged_id
)

select * from renamed
