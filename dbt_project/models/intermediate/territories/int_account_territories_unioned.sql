-- grain: assignment of an account to a territory × what the warehouse knew of it
-- additive: nothing
with

account_territories as (
    {{ staged('account_territories') }}
)

select * from account_territories
