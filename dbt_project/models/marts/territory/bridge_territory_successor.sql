-- grain: old territory × new territory of a realignment
-- additive: share_ratio over the successors of one old territory (1)
with

successors as (
    {{ staged('territory_successors') }}
),

final as (
    select
        from_territory_id,
        to_territory_id,
        cast(share_ratio as decimal(9, 6)) as share_ratio,
        effective_date
    from successors
)

select * from final
