-- grain: business date × opportunity, while the deal is open and on each day on which it closes
-- additive: amount over deals of one snapshot_date, never over days
with spans as (
    select * from {{ ref('int_opportunity_pipeline_spans') }}
),

opportunities as (
    select * from {{ ref('int_opportunities_enriched') }}
),

account_territories as (
    select * from {{ ref('bridge_account_territory') }}
    where recorded_to is null
),

rep_territories as (
    select * from {{ ref('bridge_sales_rep_territory') }}
    where recorded_to is null
),

fx_rates as (
    select * from {{ ref('int_fx_rates_filled') }}
),

sales_reps as (
    select distinct sales_rep_id from {{ ref('dim_sales_rep') }}
),

days as (
    select
        *,
        cast(unnest(generate_series(valid_from, last_day, interval 1 day)) as date) as snapshot_date
    from spans
),

members as (
    select
        days.*,
        opportunities.currency,
        opportunities.customer_id,
        opportunities.product_line,
        opportunities.segment,
        opportunities.source_id,
        account_territories.territory_id as account_territory_id
    from days
    inner join opportunities on days.opportunity_id = opportunities.opportunity_id
    left join account_territories
        on
            opportunities.customer_id = account_territories.customer_id
            and days.snapshot_date >= account_territories.valid_from
            and days.snapshot_date < coalesce(account_territories.valid_to, date '9999-12-31')
),

-- where the account has no territory: that of the rep on the day, the largest share first
rep_days as (
    select distinct
        owner_id,
        snapshot_date
    from members
    where account_territory_id is null
),

rep_day_territories as (
    select
        rep_days.owner_id,
        rep_days.snapshot_date,
        first(rep_territories.territory_id order by rep_territories.share_ratio desc, rep_territories.territory_id asc)
            as territory_id
    from rep_days
    inner join rep_territories
        on
            rep_days.owner_id = rep_territories.sales_rep_id
            and rep_days.snapshot_date >= rep_territories.valid_from
            and rep_days.snapshot_date < coalesce(rep_territories.valid_to, date '9999-12-31')
    group by rep_days.owner_id, rep_days.snapshot_date
),

final as (
    select
        members.snapshot_date,
        members.opportunity_id,
        members.pipeline_id,
        members.stage_id,
        members.stage_order,
        members.forecast_category,
        {{ deal_value('members.amount_document', 'fx_rates.rate_daily') }} as amount,
        members.probability,
        members.close_date as expected_close_date,
        coalesce(sales_reps.sales_rep_id, 'UNKNOWN') as sales_rep_id,
        coalesce(members.account_territory_id, rep_day_territories.territory_id, 'UNKNOWN') as territory_id,
        members.customer_id,
        members.product_line,
        members.segment,
        members.source_id,
        not members.is_closed as is_open,
        members.is_closed and members.is_won as is_won,
        members.is_closed and not members.is_won as is_lost
    from members
    left join rep_day_territories
        on
            members.owner_id = rep_day_territories.owner_id
            and members.snapshot_date = rep_day_territories.snapshot_date
    left join fx_rates
        on members.snapshot_date = fx_rates.rate_date and members.currency = fx_rates.from_currency
    left join sales_reps on members.owner_id = sales_reps.sales_rep_id
)

select * from final
