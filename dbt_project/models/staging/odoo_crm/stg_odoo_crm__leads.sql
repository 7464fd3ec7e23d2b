-- grain: version of a lead, also after it became a deal; a deal that never was a lead is none
with leads as (
    select * from {{ ref('base_odoo_crm__deals') }}
    where is_lead
),

renamed as (
    select
        'odoo_crm:' || id as lead_id,
        create_date as created_at,
        source_name,
        nullif(trim(partner_name), '') as company,
        nullif(regexp_extract(lower(email_from), '[^\s<>"]+@[^\s<>"]+'), '') as email,
        'odoo_crm:' || campaign_id as campaign_id,
        'odoo:' || user_id as owner_id,
        cast(null as varchar) as segment,
        cast(null as varchar) as product_line,
        case when is_deal then 'converted' when is_lost then 'lost' else 'open' end as status,
        cast(null as timestamp) as first_response_at,
        -- who makes a deal of a lead has qualified it
        if(is_deal, date_conversion, null) as qualified_at,
        if(is_deal, date_conversion, null) as converted_at,
        if(is_deal, 'odoo:' || commercial_partner_id, null) as converted_account_id,
        if(is_deal, 'odoo_crm:' || id, null) as opportunity_id,
        if(is_lost and not is_deal, lost_reason, null) as disqualify_reason,
        cast(null as varchar) as merged_into_id,
        version_at,
        version_no,
        _deleted_at as deleted_at
    from leads
)

select * from renamed
