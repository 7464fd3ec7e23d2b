-- grain: version of a CRM user who sells or leads people who sell
-- additive: nothing
with

users as (
    {{ row_versions(source('raw_salesforce', 'user'), ['id'], 'system_modstamp') }}
),

-- whoever had a role that is deleted today had it nevertheless
roles as (
    {{ current_rows(source('raw_salesforce', 'user_role'), ['id'], 'system_modstamp', with_deleted=true) }}
),

described as (
    select
        users.*,
        lower(concat_ws(' ', users.title, roles.name)) as job
    from users
    left join roles on users.user_role_id = roles.id
),

-- whoever ever had a team or a sales title is a sales rep in all versions, so that history stays whole
sales_people as (
    select id
    from described
    group by id
    having bool_or(team_c is not null or regexp_matches(job, 'sales|account (executive|manager)|business development'))
),

renamed as (
    select
        'salesforce:' || described.id as sales_rep_id,
        described.name as sales_rep_name,
        'salesforce:' || described.manager_id as manager_sales_rep_id,
        nullif(trim(described.team_c), '') as team,
        nullif(trim(described.title), '') as title,
        described.hire_date_c as hire_date,
        described.termination_date_c as termination_date,
        described.is_active,
        described.version_at,
        described._deleted_at as deleted_at
    from described
    inner join sales_people on described.id = sales_people.id
    where described.name is not null
)

select * from renamed
