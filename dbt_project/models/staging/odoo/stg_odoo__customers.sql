-- grain: version of a partner that buys or may buy: named by a document or deal, or marked as a customer
-- a contact or address of a company is no customer of its own: documents name the commercial partner
with

versions as (
    {{ row_versions(source('raw_odoo', 'res_partner'), ['id'], 'write_date') }}
),

documents as (
    select * from {{ ref('base_odoo__documents') }}
),

companies as (
    {{ current_rows(source('raw_odoo', 'res_company'), ['id'], 'write_date', with_deleted=true) }}
),

countries as (
    {{ current_rows(source('raw_odoo', 'res_country'), ['id'], 'write_date', with_deleted=true) }}
),

industries as (
    {{ current_rows(source('raw_odoo', 'res_partner_industry'), ['id'], 'write_date', with_deleted=true) }}
),

buyers as (
    select commercial_partner_id as partner_id from documents
    union
    select id as partner_id
    from versions
    where customer_rank > 0 and id = commercial_partner_id
    {%- if 'odoo_crm' in var('mappings') %}
        union
        select commercial_partner_id as partner_id from {{ ref('base_odoo_crm__deals') }}
    {%- endif %}
),

-- the partners that stand for the database's own companies
own_partners as (
    select distinct partner_id from companies
),

renamed as (
    select
        'odoo:' || versions.id as customer_source_id,
        versions.name as customer_name,
        nullif(trim(versions.vat), '') as vat_no,
        coalesce({{ normalised_domain('versions.website') }}, {{ normalised_domain('versions.email') }}) as domain,
        upper(countries.code) as country,
        cast(null as varchar) as currency,
        {{ odoo_text('industries.name') }} as industry,
        if(versions.is_company, 'company', 'person') as customer_type,
        cast(null as varchar) as segment,
        cast(null as varchar) as bill_to_id,
        own_partners.partner_id is not null as is_intercompany,
        false as is_test,
        versions.create_date as created_at,
        versions.version_at,
        versions._deleted_at as deleted_at,
        upper(countries.code) as ship_to_country,
        versions.version_no
    from versions
    inner join buyers on versions.id = buyers.partner_id
    left join own_partners on versions.id = own_partners.partner_id
    left join countries on versions.country_id = countries.id
    left join industries on versions.industry_id = industries.id
)

select * from renamed
