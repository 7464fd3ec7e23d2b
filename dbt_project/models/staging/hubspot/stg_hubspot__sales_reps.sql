-- grain: version of an owner
-- additive: nothing
with

versions as (
    {{ row_versions(source('raw_hubspot', 'owners'), ['id'], 'updated_at') }}
),

renamed as (
    select
        'hubspot:' || id as sales_rep_id,
        coalesce(nullif(trim(concat_ws(' ', first_name, last_name)), ''), email, id) as sales_rep_name,
        cast(null as varchar) as manager_sales_rep_id,
        -- the primary team comes first
        nullif(trim(json_extract_string(teams, '$[0].name')), '') as team,
        cast(null as varchar) as title,
        cast(null as date) as hire_date,
        cast(null as date) as termination_date,
        not coalesce(archived, false) as is_active,
        version_at,
        _deleted_at as deleted_at
    from versions
)

select * from renamed
