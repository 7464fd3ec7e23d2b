-- grain: version of a lead or deal, with the names of what it points to
-- a lead becomes a deal by its type; what is archived is lost
with versions as (
    {{ row_versions(source('raw_odoo_crm', 'crm_lead'), ['id'], 'write_date') }}
),

partners as (
    {{ current_rows(source('raw_odoo', 'res_partner'), ['id'], 'write_date', with_deleted=true) }}
),
{% for name, (schema, table) in {
    'stages': ('raw_odoo_crm', 'crm_stage'), 'lost_reasons': ('raw_odoo_crm', 'crm_lost_reason'),
    'sources': ('raw_odoo_crm', 'utm_source'), 'teams': ('raw_odoo', 'crm_team'),
    'companies': ('raw_odoo', 'res_company'), 'currencies': ('raw_odoo', 'res_currency')
}.items() %}
    {{ name }} as (
        {{ current_rows(source(schema, table), ['id'], 'write_date', with_deleted=true) }}
    ),
{% endfor %}

-- what belongs to no company is in the currency of the first
first_company as (
    select min(id) as id from companies
),

described as (
    select
        versions.*,
        versions.type = 'opportunity' as is_deal,
        versions.type = 'lead' or versions.date_conversion is not null as is_lead,
        not coalesce(versions.active, true) as is_lost,
        coalesce(versions.date_conversion, versions.create_date) as deal_created_at,
        coalesce(partners.commercial_partner_id, versions.partner_id) as commercial_partner_id,
        coalesce({{ odoo_text('stages.name') }}, 'UNKNOWN') as stage_label,
        coalesce(stages.is_won, false) as is_won_stage,
        coalesce({{ odoo_text('teams.name') }}, 'UNKNOWN') as team_name,
        {{ odoo_text('lost_reasons.name') }} as lost_reason,
        {{ odoo_text('sources.name') }} as source_name,
        currencies.name as currency
    from versions
    cross join first_company
    left join partners on versions.partner_id = partners.id
    left join stages on versions.stage_id = stages.id
    left join teams on versions.team_id = teams.id
    left join lost_reasons on versions.lost_reason_id = lost_reasons.id
    left join sources on versions.source_id = sources.id
    left join companies on coalesce(versions.company_id, first_company.id) = companies.id
    left join currencies on companies.currency_id = currencies.id
)

select * from described
