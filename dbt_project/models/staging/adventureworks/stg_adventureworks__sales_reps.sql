-- grain: version of a salesperson or of a manager of salespersons
with recursive

employees as (
    select * from {{ ref('base_adventureworks__employees') }}
),

sales_people as (
    select * from employees where sales_person_flag in ('1', 'true', 'True')
    union
    select managers.*
    from employees as managers
    inner join sales_people on managers.employee_key = sales_people.parent_employee_key
    -- the chain ends below the chief executive, who reports to nobody
    where managers.parent_employee_key is not null
),

renamed as (
    select
        sales_people.sales_rep_id,
        concat_ws(' ', sales_people.first_name, sales_people.last_name) as sales_rep_name,
        managers.sales_rep_id as manager_sales_rep_id,
        sales_people.department_name as team,
        sales_people.title,
        cast(sales_people.hire_date as date) as hire_date,
        cast(null as date) as termination_date,
        coalesce(sales_people.status = 'Current', false) as is_active,
        sales_people.version_at,
        cast(null as timestamp) as deleted_at
    from sales_people
    left join employees as managers on sales_people.parent_employee_key = managers.employee_key
)

select * from renamed
