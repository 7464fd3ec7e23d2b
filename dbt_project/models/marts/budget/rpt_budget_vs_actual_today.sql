-- grain: budget version × fiscal period × territory of today
-- additive: the amounts, within one budget_version; never the ratios
-- The like-for-like twin of fct_budget_vs_actual: each amount is moved to the successors of its territory, by their
-- shares, through every realignment after the day that its territories were drawn on. For an actual that is the first
-- day of its period, for last year's a year before, for a budget the day on which its version was approved.
with

plan as (
    select * from {{ ref('fct_budget_vs_actual') }}
),

territories as (
    select
        territory_id,
        arg_max(territory_name, valid_from) as territory_name,
        arg_max(region, valid_from) as region
    from {{ ref('dim_territory') }}
    group by territory_id
),

succeeded as (
    select * from {{ ref('int_territories_succeeded') }}
),

periods as (
    select distinct
        fiscal_period_key,
        fiscal_period_start
    from {{ ref('dim_date') }}
),

versions as (
    select
        budget_version,
        cast(max(approved_at) as date) as approved_on
    from {{ ref('fct_budget') }}
    group by budget_version
),

dated as (
    select
        plan.*,
        periods.fiscal_period_start,
        versions.approved_on
    from plan
    inner join periods on plan.fiscal_period_key = periods.fiscal_period_key
    left join versions on plan.budget_version = versions.budget_version
),

amounts as (
    {%- for amount, drawn_on in [
        ('actual_amount', 'fiscal_period_start'),
        ('prior_year_amount', 'cast(fiscal_period_start - interval 1 year as date)'),
        ('budget_amount', 'coalesce(approved_on, fiscal_period_start)')
    ] %}
        select
            budget_version,
            fiscal_period_key,
            territory_id,
            {{ drawn_on }} as drawn_on,
            {{ amount }}
        from dated
        where {{ amount }} is not null
        {%- if not loop.last %}
            union all by name
        {%- endif %}
    {%- endfor %}
),

moved as (
    select
        amounts.* exclude (territory_id),
        coalesce(succeeded.today_territory_id, amounts.territory_id) as territory_id,
        coalesce(succeeded.share_ratio, 1) as share_ratio
    from amounts
    left join succeeded
        on
            amounts.territory_id = succeeded.territory_id
            and amounts.drawn_on >= succeeded.drawn_from
            and amounts.drawn_on < succeeded.drawn_to
),

summed as (
    select
        budget_version,
        fiscal_period_key,
        territory_id,
        cast(sum(actual_amount * share_ratio) as decimal(18, 4)) as actual_amount,
        cast(sum(budget_amount * share_ratio) as decimal(18, 4)) as budget_amount,
        cast(sum(prior_year_amount * share_ratio) as decimal(18, 4)) as prior_year_amount
    from moved
    group by budget_version, fiscal_period_key, territory_id
),

-- a period that has begun has an actual everywhere; a territory with nothing left on it needs no row
filled as (
    select
        * exclude (actual_amount),
        case
            when count(actual_amount) over (partition by budget_version, fiscal_period_key) > 0
                then coalesce(actual_amount, 0)
        end as actual_amount
    from summed
    qualify actual_amount <> 0 or budget_amount is not null or prior_year_amount is not null
),

final as (
    select
        filled.budget_version,
        filled.fiscal_period_key,
        coalesce(territories.region, filled.territory_id) as region,
        filled.territory_id,
        coalesce(territories.territory_name, filled.territory_id) as territory_name,
        filled.actual_amount,
        filled.budget_amount,
        cast(filled.actual_amount - coalesce(filled.budget_amount, 0) as decimal(18, 4)) as variance_amount,
        cast(filled.actual_amount - filled.budget_amount as double)
        / nullif(abs(filled.budget_amount), 0) as variance_ratio,
        cast(filled.actual_amount as double) / nullif(filled.budget_amount, 0) as attainment_ratio,
        filled.prior_year_amount
    from filled
    left join territories on filled.territory_id = territories.territory_id
)

select * from final
