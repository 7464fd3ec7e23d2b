-- grain: ERP salesperson that carries a CRM user
with

salespersons as (
    {{ current_rows(source('raw_erp', 'salesperson'), ['salesperson_no'], 'updated_at', sequence='rowversion') }}
),

linked as (
    select
        'erp:' || salesperson_no as source_sales_rep_id,
        '{{ "hubspot" if "hubspot" in var("mappings") and "salesforce" not in var("mappings") else "salesforce" }}:'
        || crm_user_id as sales_rep_id
    from salespersons
    where nullif(crm_user_id, '') is not null
)

select * from linked
