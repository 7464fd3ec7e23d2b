-- grain: employee version (employee_key)
with

employees as (
    {{ current_rows(source('raw_files', 'dim_employee'), ['employee_key'], '_extracted_at') }}
),

identified as (
    select
        *,
        'adventureworks:' || employee_national_id_alternate_key as sales_rep_id,
        cast(start_date as timestamp) as version_at
    from employees
)

select * from identified
