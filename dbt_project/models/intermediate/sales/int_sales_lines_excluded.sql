-- grain: invoice or credit-note line that is not net revenue (M01), with the reason
-- additive: amounts within one currency
with

sales_lines as (
    select * from {{ ref('int_sales_lines_classified') }}
),

excluded as (
    select * from sales_lines
    where exclusion_reason is not null
)

select * from excluded
