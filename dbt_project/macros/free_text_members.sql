{#
The members of a dimension whose names people write freely (lead sources, loss reasons): one per slug, with its group
from a reviewed seed. A blank is the member UNKNOWN; a name that the seed does not know is in the group 'Other'.

mentions, groups: relations in scope; name: the column of `mentions`; id, group: the columns of `groups`.
#}
{% macro free_text_members(mentions, groups, name, id, group) %}
    select
        slugs.id as {{ id }},
        if(slugs.id = 'UNKNOWN', 'Unknown', slugs.name) as {{ name }},
        if(slugs.id = 'UNKNOWN', 'UNKNOWN', coalesce({{ groups }}.{{ group }}, 'Other')) as {{ group }}
    from (
        select
            {{ slug(name) }} as id,
            min(trim({{ name }})) as name
        from {{ mentions }}
        group by all
    ) as slugs
    left join {{ groups }} on slugs.id = {{ groups }}.{{ id }}
{% endmacro %}
