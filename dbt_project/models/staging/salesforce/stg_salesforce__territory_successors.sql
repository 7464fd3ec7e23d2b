-- grain: old territory × new territory of a realignment
-- additive: share_ratio over the successors of one old territory (1)
with

successors as (
    {{ current_rows(source('raw_salesforce', 'territory_successor_c'), ['id'], 'system_modstamp') }}
),

renamed as (
    select
        'salesforce:' || {{ salesforce_id('from_territory_c') }} as from_territory_id,
        'salesforce:' || {{ salesforce_id('to_territory_c') }} as to_territory_id,
        share_c as share_ratio,
        effective_date_c as effective_date
    from successors
    where not coalesce(is_deleted, false)
)

select * from renamed
