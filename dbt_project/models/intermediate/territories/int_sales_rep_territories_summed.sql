-- grain: sales rep × territory × validity × what the warehouse knew of it
-- additive: share_ratio over the territories of a rep on one day, where recorded_to is null
with

assignments as (select * from {{ ref('int_sales_rep_territories_unioned') }}),

-- two shares of one territory for one period are one larger share
summed as (
    select
        sales_rep_id,
        territory_id,
        cast(sum(share_ratio) as decimal(9, 6)) as share_ratio,
        valid_from,
        valid_to,
        recorded_from,
        recorded_to
    from assignments
    where valid_to is null or valid_to > valid_from
    group by sales_rep_id, territory_id, valid_from, valid_to, recorded_from, recorded_to
)

select * from summed
