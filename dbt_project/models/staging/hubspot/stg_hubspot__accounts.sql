-- grain: version of a company
-- additive: nothing
with

versions as (
    {{ row_versions(source('raw_hubspot', 'companies'), ['id'], hubspot_stamp()) }}
),

merged as (
    {{ hubspot_merges('companies') }}
),

renamed as (
    select
        'hubspot:' || versions.id as account_id,
        coalesce(versions.name, versions.domain) as account_name,
        'hubspot:' || versions.hs_parent_company_id as parent_account_id,
        case when versions._deleted_at is not null then 'hubspot:' || merged.into_id end as merged_into_id,
        {{ normalised_domain('coalesce(versions.domain, versions.website)') }} as domain,
        nullif(trim(versions.vat_number), '') as vat_no,
        upper(nullif(trim(versions.country), '')) as country,
        nullif(trim(versions.industry), '') as industry,
        nullif(trim(versions.type), '') as customer_type,
        nullif(trim(versions.segment), '') as segment,
        nullif(trim(versions.hs_analytics_source), '') as acquisition_source,
        'hubspot:' || versions.hubspot_owner_id as owner_id,
        coalesce(versions.createdate, versions.created_at) as created_at,
        versions.version_at,
        coalesce(versions.archived_at, versions._deleted_at) as deleted_at,
        versions.version_no
    from versions
    left join merged on versions.id = merged.merged_id
    where coalesce(versions.name, versions.domain) is not null
)

select * from renamed
