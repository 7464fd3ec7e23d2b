-- grain: territory that was ever realigned × span of days on which a territory was drawn × territory of today
-- additive: share_ratio over the territories of today of one territory and span (1)
-- What was drawn on the territories of a day goes through every realignment after that day.
with recursive

successors as (
    {{ staged('territory_successors') }}
),

realignments as (
    select
        from_territory_id,
        effective_date,
        lag(effective_date, 1, date '1900-01-01') over (
            partition by from_territory_id order by effective_date
        ) as realigned_before
    from successors
    group by from_territory_id, effective_date
),

cuts as (
    select date '1900-01-01' as drawn_from
    union
    select effective_date as drawn_from from successors
),

spans as (
    select
        drawn_from,
        lead(drawn_from, 1, date '9999-12-31') over (order by drawn_from) as drawn_to
    from cuts
),

moved as (
    select distinct
        realignments.from_territory_id as territory_id,
        spans.drawn_from,
        spans.drawn_to,
        realignments.from_territory_id as today_territory_id,
        spans.drawn_from as moved_on,
        cast(1 as double) as share_ratio
    from realignments
    cross join spans
    union all
    select
        moved.territory_id,
        moved.drawn_from,
        moved.drawn_to,
        successors.to_territory_id as today_territory_id,
        successors.effective_date as moved_on,
        moved.share_ratio * successors.share_ratio as share_ratio
    from moved
    inner join realignments
        on
            moved.today_territory_id = realignments.from_territory_id
            and moved.moved_on >= realignments.realigned_before
            and moved.moved_on < realignments.effective_date
    inner join successors
        on
            realignments.from_territory_id = successors.from_territory_id
            and realignments.effective_date = successors.effective_date
),

arrived as (
    select
        moved.territory_id,
        moved.drawn_from,
        moved.drawn_to,
        moved.today_territory_id,
        sum(moved.share_ratio) as share_ratio
    from moved
    left join realignments
        on moved.today_territory_id = realignments.from_territory_id and moved.moved_on < realignments.effective_date
    where realignments.from_territory_id is null
    group by moved.territory_id, moved.drawn_from, moved.drawn_to, moved.today_territory_id
)

select * from arrived
