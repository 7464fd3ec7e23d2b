-- grain: golden customer × period of equal attributes
-- additive: nothing
{%- set attributes = [
    'customer_name', 'parent_customer_id', 'segment', 'industry', 'customer_type', 'country', 'acquisition_source'
] | join(', ') %}
with

records as (select * from {{ ref('int_customer_records') }}),

deletions as (
    select
        customer_id,
        arg_max(deleted_at is not null, version_no) as is_deleted
    from records
    group by customer_id
),

-- the first version starts with the record's creation
changed as (
    select
        *,
        if(version_no = 1, least(created_at, version_at), version_at) as valid_from
    from records
    qualify row({{ attributes }}) is distinct from lag(row({{ attributes }})) over (
        partition by customer_id order by version_no
    )
),

-- changes at the same moment: the last one holds
momentary as (
    select *
    from changed
    qualify row_number() over (partition by customer_id, valid_from order by version_no desc) = 1
),

bounded as (
    select
        momentary.customer_id,
        momentary.customer_name,
        momentary.parent_customer_id,
        momentary.segment,
        momentary.industry,
        momentary.customer_type,
        momentary.country,
        momentary.acquisition_source,
        deletions.is_deleted,
        momentary.valid_from,
        lead(momentary.valid_from) over (
            partition by momentary.customer_id order by momentary.valid_from
        ) as valid_to
    from momentary
    inner join deletions on momentary.customer_id = deletions.customer_id
)

select * from bounded
