-- grain: version of a salesperson whom no CRM user stands for
-- additive: nothing
with

salespersons as (
    select * from {{ ref('base_erp__salespersons') }}
),

renamed as (
    select
        source_sales_rep_id as sales_rep_id,
        salesperson_name as sales_rep_name,
        cast(null as varchar) as manager_sales_rep_id,
        cast(null as varchar) as team,
        cast(null as varchar) as title,
        cast(null as date) as hire_date,
        cast(null as date) as termination_date,
        deleted_at is null as is_active,
        version_at,
        deleted_at
    from salespersons
    where crm_sales_rep_id is null
)

select * from renamed
