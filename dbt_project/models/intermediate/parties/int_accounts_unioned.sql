-- grain: version of a CRM account of any source
-- additive: nothing
with

accounts as (
    {{ staged('accounts') }}
)

select * from accounts
