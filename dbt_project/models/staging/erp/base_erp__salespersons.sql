-- grain: salesperson version; the CRM user whom the last version names holds for all of them
-- additive: nothing; crm_sales_rep_id is NULL where no CRM is mapped: such a company's salespersons are its reps
with

versions as (
    {{ row_versions(source('raw_erp', 'salesperson'), ['salesperson_no'], 'updated_at', sequence='rowversion') }}
),

named as (
    select
        *,
        last_value(nullif(trim(crm_user_id), '')) over (
            partition by salesperson_no order by version_no
            rows between unbounded preceding and unbounded following
        ) as last_crm_user_id
    from versions
),

linked as (
    select
        'erp:' || salesperson_no as source_sales_rep_id,
        coalesce(nullif(trim(name), ''), salesperson_no) as salesperson_name,
        {% if 'salesforce' in var('mappings') -%}
            'salesforce:' || {{ salesforce_id('last_crm_user_id') }} as crm_sales_rep_id,
        {%- elif 'hubspot' in var('mappings') -%}
            'hubspot:' || last_crm_user_id as crm_sales_rep_id,
        {%- else -%}
            cast(null as varchar) as crm_sales_rep_id,
        {%- endif %}
        version_at,
        _deleted_at as deleted_at
    from named
)

select * from linked
