{#
Territories that a system has only as a text at each customer: HubSpot's property `territory`, the ERP's column of that
name. The name, however it is written, tells them apart; a change ends one and begins another on its business day.

mapping: whose ids these are; versions: a relation in scope, made by row_versions(), with a column `territory`;
key: its column that identifies the customer.
#}

{# What tells territories apart: the name without letter case and blanks at its ends. #}
{% macro territory_label() -%}
    lower(nullif(trim(territory), ''))
{%- endmacro %}

{# The entity `territories`: regions and realignments are not known. #}
{% macro named_territories(mapping, versions, key) %}
    select
        '{{ mapping }}:' || {{ territory_label() }} as territory_id,
        arg_max(trim(territory), (version_at, {{ key }})) as territory_name,
        cast(null as varchar) as region,
        date '1900-01-01' as valid_from,
        cast(null as date) as valid_to
    from {{ versions }}
    where {{ territory_label() }} is not null
    group by {{ territory_label() }}
{% endmacro %}

{#
The entity `account_territories`. What was before the first version is not read: the first territory known also speaks
for it. Until the customer moved, its territory was known without an end.
#}
{% macro named_account_territories(mapping, versions, key) %}
    with

    changes as (
        select
            {{ key }} as customer,
            {{ territory_label() }} as territory,
            {{ business_date('version_at') }} as changed_on,
            recorded_at,
            version_no
        from {{ versions }}
        where _deleted_at is null
        qualify
            {{ territory_label() }} is distinct from
            lag({{ territory_label() }}) over (partition by {{ key }} order by version_no)
    ),

    dated as (
        select
            *,
            if(row_number() over by_version = 1, date '1900-01-01', changed_on) as valid_from,
            lead(changed_on) over by_version as left_on,
            lead(recorded_at) over by_version as left_recorded_at
        from changes
        window by_version as (partition by customer order by version_no)
    ),

    known as (
        select
            customer,
            territory,
            valid_from,
            left_on as valid_to,
            coalesce(left_recorded_at, recorded_at) as recorded_from,
            cast(null as timestamp) as recorded_to
        from dated
        union all
        select
            customer,
            territory,
            valid_from,
            cast(null as date) as valid_to,
            recorded_at as recorded_from,
            left_recorded_at as recorded_to
        from dated
        where left_recorded_at > recorded_at
    )

    select
        '{{ mapping }}:' || customer as account_id,
        '{{ mapping }}:' || territory as territory_id,
        valid_from,
        valid_to,
        recorded_from,
        recorded_to
    from known
    where territory is not null
{% endmacro %}
