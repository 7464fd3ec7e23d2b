-- grain: version of a sales rep, of any source
-- additive: nothing
with

sales_reps as (
    {{ staged('sales_reps') }}
)

select * from sales_reps
