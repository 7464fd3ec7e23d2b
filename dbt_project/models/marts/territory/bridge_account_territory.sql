-- grain: golden customer × territory × validity × what the warehouse knew of it
-- additive: nothing; where recorded_to is null a customer has at most one territory on any day
with

resolved as (select * from {{ ref('int_account_territories_resolved') }})

select * from resolved
