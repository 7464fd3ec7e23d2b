-- A deal is exactly one of open, won, lost, or removed (deleted or merged away); it is closed if it is won or
-- lost.
select
    opportunity_id,
    is_open,
    is_won,
    is_lost,
    is_deleted,
    merged_into_id
from {{ ref('fct_opportunity') }}
where
    cast(is_open as integer) + cast(is_won as integer) + cast(is_lost as integer)
    + cast(is_deleted or merged_into_id is not null as integer) <> 1
    or ((is_won or is_lost) and closed_at is null)
    or (is_open and closed_at is not null)
