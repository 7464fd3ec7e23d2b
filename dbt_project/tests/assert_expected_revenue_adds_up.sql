-- The open deals of fct_expected_revenue are those of fct_opportunity, each once, and their expected revenue
-- lies between nothing and their value (negative amounts aside).
{{ config(tags=['downstream']) }}
with expected as (
    select
        coalesce(sum(open_count), 0) as deal_count,
        coalesce(sum(open_value), 0) as deal_value,
        coalesce(sum(expected_revenue), 0) as expected_revenue
    from {{ ref('fct_expected_revenue') }}
),

deals as (
    select
        count(*) as deal_count,
        coalesce(sum(amount), 0) as deal_value,
        coalesce(sum(greatest(amount, 0)), 0) as highest,
        coalesce(sum(least(amount, 0)), 0) as lowest
    from {{ ref('fct_opportunity') }}
    where is_open
)

select
    expected.*,
    deals.deal_count as open_deal_count,
    deals.deal_value as open_deal_value
from expected
cross join deals
where
    expected.deal_count <> deals.deal_count
    or abs(expected.deal_value - deals.deal_value) > 0.01
    or expected.expected_revenue < deals.lowest - 0.01 * deals.deal_count
    or expected.expected_revenue > deals.highest + 0.01 * deals.deal_count
