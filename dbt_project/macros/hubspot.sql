{#
What is HubSpot's own among the raw tables: stamps, merges, property values. The staging models of the mapping
`hubspot` are the only callers.
#}

{# When a version of an object was made: archiving need not touch the modification stamp. #}
{% macro hubspot_stamp() -%}
    greatest(updated_at, archived_at)
{%- endmacro %}

{# Which object each merged one went into: merged_id → into_id. The one that is left names the others. #}
{% macro hubspot_merges(table) %}
    select
        merged_id,
        arg_max(id, _extracted_at) as into_id
    from (
        select
            id,
            _extracted_at,
            unnest(string_split(hs_merged_object_ids, ';')) as merged_id
        from {{ source('raw_hubspot', table) }}
        where hs_merged_object_ids is not null
    )
    group by merged_id
{% endmacro %}

{# The moment (UTC) in the text of a date property: ISO, or milliseconds as older portals give. #}
{% macro hubspot_moment(value) -%}
    case
        when regexp_full_match({{ value }}, '[0-9]{9,15}') then epoch_ms(cast({{ value }} as bigint))
        else try_cast({{ value }} as timestamptz) at time zone 'UTC'
    end
{%- endmacro %}
