-- what an old territory leaves is passed on in whole: the shares of its successors on one day add up to 1
select
    from_territory_id,
    effective_date,
    sum(share_ratio) as share_ratio
from {{ ref('bridge_territory_successor') }}
group by from_territory_id, effective_date
having abs(sum(share_ratio) - 1) > 0.000001
