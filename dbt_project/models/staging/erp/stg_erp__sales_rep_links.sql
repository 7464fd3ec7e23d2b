-- grain: ERP salesperson that carries a CRM user
with

salespersons as (
    select * from {{ ref('base_erp__salespersons') }}
),

linked as (
    select distinct
        source_sales_rep_id,
        crm_sales_rep_id as sales_rep_id
    from salespersons
    where crm_sales_rep_id is not null
)

select * from linked
