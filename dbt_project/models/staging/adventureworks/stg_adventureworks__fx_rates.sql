-- grain: day × currency; the average rate is the number of US dollars that one unit buys
with

rates as (
    {{ current_rows(source('raw_files', 'fact_currency_rate'), ['currency_key', 'date_key'], '_extracted_at') }}
),

currencies as (
    {{ current_rows(source('raw_files', 'dim_currency'), ['currency_key'], '_extracted_at') }}
),

renamed as (
    select
        cast(cast(rates.date as timestamp) as date) as rate_date,
        currencies.currency_alternate_key as from_currency,
        'USD' as to_currency,
        'daily' as rate_type,
        cast(rates.average_rate as double) as rate
    from rates
    inner join currencies on rates.currency_key = currencies.currency_key
    where currencies.currency_alternate_key <> 'USD'
)

select * from renamed
