{#
Fails for each version that ends before it begins or overlaps the next one of its member; validity is
[valid_from, valid_to), NULL meaning open.
#}
{% test validity_without_overlap(model, member) %}
select
    {{ member }},
    valid_from,
    valid_to
from {{ model }}
qualify
    valid_to <= valid_from
    or coalesce(valid_to, 'infinity') > lead(valid_from) over (partition by {{ member }} order by valid_from)
{% endtest %}
