-- grain: sales rep × territory × validity × what the warehouse knew of it
-- additive: share_ratio over the territories of a rep on one day, where recorded_to is null
with

assignments as (select * from {{ ref('int_sales_rep_territories_summed') }}),

territories as (
    select
        territory_id,
        arg_max(region, valid_from) as region
    from {{ ref('dim_territory') }}
    group by territory_id
),

final as (
    select
        assignments.sales_rep_id,
        assignments.territory_id,
        coalesce(territories.region, 'UNKNOWN') as region,
        assignments.share_ratio,
        assignments.valid_from,
        assignments.valid_to,
        assignments.recorded_from,
        assignments.recorded_to
    from assignments
    left join territories on assignments.territory_id = territories.territory_id
)

select * from final
