-- grain: territory × period of one name and region, of any source
-- additive: nothing
with

territories as (
    {{ staged('territories') }}
)

select * from territories
