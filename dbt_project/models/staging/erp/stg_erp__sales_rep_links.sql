-- grain: ERP salesperson that carries a CRM user
with

salespersons as (
    {{ current_rows(source('raw_erp', 'salesperson'), ['salesperson_no'], 'updated_at', sequence='rowversion') }}
),

linked as (
    select
        'erp:' || salesperson_no as source_sales_rep_id,
        {% if 'hubspot' in var('mappings') and 'salesforce' not in var('mappings') -%}
            'hubspot:' || crm_user_id as sales_rep_id
        {%- else -%}
            'salesforce:' || {{ salesforce_id('crm_user_id') }} as sales_rep_id
        {%- endif %}
    from salespersons
    where nullif(trim(crm_user_id), '') is not null
)

select * from linked
