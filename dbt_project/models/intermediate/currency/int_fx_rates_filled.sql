-- grain: day × currency that was ever quoted against the reporting currency, which itself is there at rate 1
-- additive: nothing; amount × rate is the amount in the reporting currency
-- rate_daily is the last one known, NULL when it is older than var fx_max_age_days or the day lies after the clock;
-- rate_budget is the last one set, so that it also covers the periods to come
{%- set reporting_currency = var('reporting_currency') %}
with

days as (
    select * from {{ ref('int_fiscal_calendar') }}
),

clock as (
    select {{ business_date('as_of_ts') }} as today from {{ ref('clock') }}
),

rates as (
    select * from {{ ref('int_fx_rates_unioned') }}
),

-- a pair that is quoted the other way round is turned, unless it is quoted both ways
rates_to_reporting as (
    select
        rate_date,
        rate_type,
        if(to_currency = '{{ reporting_currency }}', from_currency, to_currency) as currency,
        if(to_currency = '{{ reporting_currency }}', rate, 1 / rate) as rate
    from rates
    where
        (from_currency = '{{ reporting_currency }}') <> (to_currency = '{{ reporting_currency }}')
        and rate > 0
    qualify
        row_number() over (
            partition by rate_date, rate_type, currency
            order by to_currency = '{{ reporting_currency }}' desc
        ) = 1
),

daily_rates as (
    select * from rates_to_reporting
    where rate_type = 'daily'
),

budget_rates as (
    select
        currency,
        rate,
        rate_date as valid_from,
        lead(rate_date, 1, date '9999-12-31') over (partition by currency order by rate_date) as valid_to
    from rates_to_reporting
    where rate_type = 'budget'
),

first_quotes as (
    select
        currency,
        min(rate_date) as first_date
    from rates_to_reporting
    group by currency
),

currency_days as (
    select
        days.date_day as rate_date,
        first_quotes.currency as from_currency,
        clock.today
    from days
    cross join clock
    inner join first_quotes on days.date_day >= first_quotes.first_date
),

last_known as (
    select
        currency_days.*,
        last_value(daily_rates.rate ignore nulls) over by_day as rate,
        last_value(daily_rates.rate_date ignore nulls) over by_day as known_at
    from currency_days
    left join daily_rates
        on
            currency_days.from_currency = daily_rates.currency
            and currency_days.rate_date = daily_rates.rate_date
    window by_day as (partition by currency_days.from_currency order by currency_days.rate_date)
),

filled as (
    select
        last_known.rate_date,
        last_known.from_currency,
        case
            when
                last_known.rate_date <= last_known.today
                and last_known.rate_date - last_known.known_at <= {{ var('fx_max_age_days') }}
                then last_known.rate
        end as rate_daily,
        budget_rates.rate as rate_budget
    from last_known
    left join budget_rates
        on
            last_known.from_currency = budget_rates.currency
            and last_known.rate_date >= budget_rates.valid_from
            and last_known.rate_date < budget_rates.valid_to
),

with_identity as (
    select * from filled
    union all
    select
        date_day as rate_date,
        '{{ reporting_currency }}' as from_currency,
        1.0 as rate_daily,
        1.0 as rate_budget
    from days
)

select * from with_identity
