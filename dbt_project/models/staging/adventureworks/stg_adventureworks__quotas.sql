-- grain: salesperson × calendar quarter
-- the file's dates are starts of quarters that were shifted by a few days, so that its own quarter numbers name two
-- quarters of 2011 alike: the nearest start of a quarter is meant
with

quotas as (
    {{ current_rows(source('raw_files', 'fact_sales_quota'), ['sales_quota_key'], '_extracted_at') }}
),

employees as (
    select * from {{ ref('base_adventureworks__employees') }}
),

renamed as (
    select
        employees.sales_rep_id,
        'quarter' as grain,
        cast(date_trunc('quarter', cast(quotas.date as timestamp) + interval 15 day) as date) as period_start,
        1 as version,
        cast(quotas.sales_amount_quota as decimal(18, 4)) as amount,
        'USD' as currency
    from quotas
    left join employees on quotas.employee_key = employees.employee_key
)

select * from renamed
