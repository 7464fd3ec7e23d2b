-- grain: version of a lead
with versions as (
    {{ row_versions(source('raw_hubspot', 'leads'), ['id'], hubspot_stamp()) }}
),

merged as (
    {{ hubspot_merges('leads') }}
),

links as (
    select * from {{ ref('base_hubspot__links') }}
),

stages as (
    {{ current_rows(
        source('raw_hubspot', 'pipeline_stages'), ['object_type', 'pipeline_id', 'id'], '_extracted_at',
        with_deleted=true
    ) }}
),

renamed as (
    select
        'hubspot:' || versions.id as lead_id,
        coalesce(versions.hs_createdate, versions.created_at) as created_at,
        versions.lead_source as source_name,
        versions.company,
        lower(trim(versions.email)) as email,
        cast(null as varchar) as campaign_id,
        'hubspot:' || versions.hubspot_owner_id as owner_id,
        versions.segment,
        versions.product_line,
        coalesce(stages.label, versions.hs_pipeline_stage) as status,
        versions.first_response_at,
        versions.qualified_at,
        versions.converted_at,
        case when versions.converted_at is not null then 'hubspot:' || companies.to_object_id end
            as converted_account_id,
        case when versions.converted_at is not null then 'hubspot:' || deals.to_object_id end as opportunity_id,
        versions.hs_lead_disqualification_reason as disqualify_reason,
        case when versions._deleted_at is not null then 'hubspot:' || merged.into_id end as merged_into_id,
        versions.version_at,
        versions.version_no,
        coalesce(versions.archived_at, versions._deleted_at) as deleted_at
    from versions
    left join merged on versions.id = merged.merged_id
    left join links as companies
        on
            companies.from_object_type = 'leads' and companies.to_object_type = 'companies'
            and versions.id = companies.from_object_id
    left join links as deals
        on
            deals.from_object_type = 'leads' and deals.to_object_type = 'deals'
            and versions.id = deals.from_object_id
    left join stages
        on
            stages.object_type = 'leads' and versions.hs_pipeline = stages.pipeline_id
            and versions.hs_pipeline_stage = stages.id
)

select * from renamed
