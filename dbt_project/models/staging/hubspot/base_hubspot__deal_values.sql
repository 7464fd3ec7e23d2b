-- grain: deal × tracked property × value that it had, in order of time
-- rows of a deleted deal stay: what happened, happened
with history as (
    {{ current_rows(
        source('raw_hubspot', 'deal_property_history'), ['object_id', 'property', '"timestamp"', 'place'], '"timestamp"'
    ) }}
),

deals as (
    {{ current_rows(source('raw_hubspot', 'deals'), ['id'], hubspot_stamp(), with_deleted=true) }}
),

ordered as (
    select
        history.object_id as deal_id,
        history.property,
        nullif(trim(history.value), '') as value,
        history.timestamp as changed_at,
        concat_ws(
            '/', history.object_id, history.property, history.timestamp, lpad(cast(history.place as varchar), 4, '0')
        ) as change_id,
        lag(nullif(trim(history.value), '')) over per_property as old_value,
        row_number() over per_property as value_no,
        coalesce(deals.hs_createdate, deals.createdate, deals.created_at) as deal_created_at
    from history
    left join deals on history.object_id = deals.id
    window per_property as (
        partition by history.object_id, history.property order by history.timestamp, history.place
    )
),

-- a first value from later than the deal's creation has a past that the portal does not tell
judged as (
    select
        *,
        value_no = 1 and coalesce(changed_at > deal_created_at + interval 1 day, false) as is_late_start
    from ordered
)

select * from judged
