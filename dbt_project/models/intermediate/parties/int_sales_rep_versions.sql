-- grain: sales rep × period of equal attributes
-- additive: nothing
{%- set attributes = 'sales_rep_name, manager_sales_rep_id, team, hire_date, termination_date' %}
with

sales_reps as (select * from {{ ref('int_sales_reps_unioned') }}),

numbered as (
    select
        * replace (coalesce(team, 'UNKNOWN') as team),
        row_number() over (
            partition by sales_rep_id
            order by
                version_at asc,
                deleted_at asc nulls first,
                termination_date asc nulls first,
                sales_rep_name asc,
                manager_sales_rep_id asc,
                team asc
        ) as version_no
    from sales_reps
),

-- the first version starts with the hire date
changed as (
    select
        *,
        if(version_no = 1, least(version_at, cast(hire_date as timestamp)), version_at) as valid_from
    from numbered
    qualify row({{ attributes }}) is distinct from lag(row({{ attributes }})) over (
        partition by sales_rep_id order by version_no
    )
),

-- changes at the same moment: the last one holds
momentary as (
    select *
    from changed
    qualify row_number() over (partition by sales_rep_id, valid_from order by version_no desc) = 1
),

bounded as (
    select
        {{ attributes }},
        sales_rep_id,
        valid_from,
        lead(valid_from) over (partition by sales_rep_id order by valid_from) as valid_to
    from momentary
)

select * from bounded
