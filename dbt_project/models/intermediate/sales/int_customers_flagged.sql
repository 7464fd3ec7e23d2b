-- grain: customer of a source system (latest version)
-- additive: nothing
with

customers as (
    select * from {{ ref('int_customers_unioned') }}
),

latest as (
    select
        customer_source_id,
        coalesce(is_intercompany, false) as is_intercompany,
        coalesce(is_test, false) as is_test
    from customers
    qualify row_number() over (partition by customer_source_id order by version_at desc, deleted_at asc nulls first) = 1
)

select * from latest
