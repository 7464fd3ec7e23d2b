-- grain: date × from currency × to currency × rate type, as the source gives it (business days, no identities)
-- additive: nothing; a rate is a price
with

rates as (
    select * from {{ ref('int_fx_rates_unioned') }}
),

final as (
    select
        rate_date,
        from_currency,
        to_currency,
        rate_type,
        rate
    from rates
)

select * from final
