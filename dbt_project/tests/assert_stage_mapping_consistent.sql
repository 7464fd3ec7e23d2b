-- A stage keeps its order and its meaning under every label, and no two labels of a stage hold on the same day.
select
    pipeline_id,
    stage_id,
    'order or meaning differs between labels' as problem
from {{ ref('stage_mapping') }}
group by pipeline_id, stage_id
having
    min(stage_order) <> max(stage_order)
    or min(is_closed) <> max(is_closed)
    or min(is_won) <> max(is_won)
union all
select
    pipeline_id,
    stage_id,
    'validity of two labels overlaps' as problem
from {{ ref('stage_mapping') }}
qualify
    coalesce(valid_to, 'infinity') > lead(valid_from) over (partition by pipeline_id, stage_id order by valid_from)
