-- Every amount of a deal in the pipeline has a rate on each of its days. The build stops with one sentence that
-- names currency and first date without one.
with spans as (
    select
        opportunities.currency,
        spans.valid_from,
        spans.last_day
    from {{ ref('int_opportunity_pipeline_spans') }} as spans
    inner join {{ ref('int_opportunities_enriched') }} as opportunities
        on spans.opportunity_id = opportunities.opportunity_id
    where spans.amount_document is not null
),

currencies as (
    select
        currency,
        min(valid_from) as first_day,
        max(last_day) as last_day
    from spans
    group by currency
),

missing_days as (
    select
        currencies.currency,
        days.date_day
    from currencies
    inner join {{ ref('int_fiscal_calendar') }} as days
        on days.date_day between currencies.first_day and currencies.last_day
    left join {{ ref('int_fx_rates_filled') }} as fx_rates
        on days.date_day = fx_rates.rate_date and currencies.currency = fx_rates.from_currency
    where fx_rates.rate_daily is null
),

gaps as (
    select
        missing_days.currency,
        min(missing_days.date_day) as first_date
    from missing_days
    inner join spans
        on
            missing_days.currency = spans.currency
            and missing_days.date_day between spans.valid_from and spans.last_day
    group by missing_days.currency
),

sentence as (
    select
        count(*) as gap_count,
        'No exchange rate to {{ var("reporting_currency") }} for deals in '
        || string_agg(currency || ' on ' || cast(first_date as varchar), ', ' order by currency)
        || ': a daily rate not older than {{ var("fx_max_age_days") }} days is needed; deliver the missing rates.'
            as message
    from gaps
)

select message
from sentence
where case when gap_count > 0 then cast(error(message) as boolean) else false end
