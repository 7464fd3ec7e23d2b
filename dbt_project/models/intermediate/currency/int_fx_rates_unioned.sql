-- grain: date × from currency × to currency × rate type
-- additive: nothing
with

rates as (
    {{ staged('fx_rates') }}
)

select * from rates
