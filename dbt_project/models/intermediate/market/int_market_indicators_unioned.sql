-- grain: workbook (by content) × sheet × cell
-- additive: nothing
with

market_indicators as (
    {{ staged('market_indicators') }}
)

select * from market_indicators
