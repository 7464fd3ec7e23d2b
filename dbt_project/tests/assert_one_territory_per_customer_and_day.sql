-- as known today, a customer has at most one territory on any day
select
    customer_id,
    territory_id,
    valid_from,
    valid_to
from {{ ref('bridge_account_territory') }}
where recorded_to is null
qualify coalesce(valid_to, 'infinity') > lead(valid_from) over (partition by customer_id order by valid_from)
