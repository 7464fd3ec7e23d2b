-- grain: version of a user who sells: named by a document or deal, or member or leader of a sales team
-- name and title are those of today, for Odoo keeps them with the user's partner
with

versions as (
    {{ row_versions(source('raw_odoo', 'res_users'), ['id'], 'write_date') }}
),

documents as (
    select * from {{ ref('base_odoo__documents') }}
),

partners as (
    {{ current_rows(source('raw_odoo', 'res_partner'), ['id'], 'write_date', with_deleted=true) }}
),

members as (
    {{ current_rows(source('raw_odoo', 'crm_team_member'), ['id'], 'write_date') }}
),

teams as (
    {{ current_rows(source('raw_odoo', 'crm_team'), ['id'], 'write_date') }}
),

-- a user may be in several teams: the one joined first counts
memberships as (
    select *
    from members
    where active
    qualify row_number() over (partition by user_id order by id) = 1
),

sellers as (
    select invoice_user_id as user_id from documents
    union
    select user_id from members
    union
    select user_id from teams
    {%- if 'odoo_crm' in var('mappings') %}
        union
        select user_id from {{ ref('base_odoo_crm__deals') }}
    {%- endif %}
),

renamed as (
    select
        'odoo:' || versions.id as sales_rep_id,
        coalesce(partners.name, cast(versions.id as varchar)) as sales_rep_name,
        'odoo:' || nullif(teams.user_id, versions.id) as manager_sales_rep_id,
        {{ odoo_text('teams.name') }} as team,
        partners.function as title,
        cast(null as date) as hire_date,
        cast(null as date) as termination_date,
        coalesce(versions.active, false) as is_active,
        versions.version_at,
        versions._deleted_at as deleted_at
    from versions
    inner join sellers on versions.id = sellers.user_id
    left join partners on versions.partner_id = partners.id
    left join memberships on versions.id = memberships.user_id
    left join teams on memberships.crm_team_id = teams.id
)

select * from renamed
