{#
The id of a free-text member (lead source, loss reason): lower case, folded, words joined by '_'; 'UNKNOWN' for a
blank. Facts and their dimension use the same macro, so they meet.
#}
{% macro slug(column) -%}
    coalesce(
        nullif(trim(regexp_replace(lower(strip_accents({{ column }})), '[^a-z0-9]+', '_', 'g'), '_'), ''),
        'UNKNOWN'
    )
{%- endmacro %}
