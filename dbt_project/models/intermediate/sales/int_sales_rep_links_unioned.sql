-- grain: salesperson of a source that carries another system's sales rep id
-- additive: nothing
with

links as (
    {{ staged('sales_rep_links') }}
)

select * from links
