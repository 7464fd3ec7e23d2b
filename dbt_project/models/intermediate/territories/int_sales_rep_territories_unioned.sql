-- grain: assignment of a rep to a territory × what the warehouse knew of it
-- additive: share_ratio over the territories of a rep on one day, as known at one time
with

sales_rep_territories as (
    {{ staged('sales_rep_territories') }}
)

select * from sales_rep_territories
