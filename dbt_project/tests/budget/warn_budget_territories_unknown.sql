-- Territories that budgets name and no source knows: they are members of dim_territory without a region, and no sale
-- can be theirs. Either the name means a known one (add it to the aliases) or the source lacks it.
{{ config(severity='warn') }}
select
    territory_id,
    territory_name
from {{ ref('dim_territory') }}
where starts_with(territory_id, 'budget:')
