-- grain: salesperson × territory × validity
with

employees as (
    select * from {{ ref('base_adventureworks__employees') }}
    where sales_person_flag in ('1', 'true', 'True')
),

renamed as (
    select
        sales_rep_id,
        'adventureworks:' || sales_territory_key as territory_id,
        1 as share_ratio,
        cast(version_at as date) as valid_from,
        cast(lead(version_at) over (partition by sales_rep_id order by version_at) as date) as valid_to,
        recorded_at as recorded_from,
        cast(null as timestamp) as recorded_to
    from employees
)

select * from renamed
