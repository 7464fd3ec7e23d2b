{#
Reading the append-only raw tables. A raw table holds one row per version that was ever extracted, may repeat a
version after a crash, and records a hard deletion as a tombstone (`_deleted_at` set). Nothing here knows a
source: the caller names the key and the modification stamp.
#}

{#
All distinct versions of a raw table, with three columns added:
`version_at`  when the source made the version: the modification stamp, for a tombstone the time of deletion;
              never decreasing within a key, so that it can bound validity intervals;
`recorded_at` when the warehouse first saw it;
`version_no`  1, 2, … per key; the order is (sequence or stamp, recorded_at, tombstone last, _row_hash).

relation: a source() or ref(); key_columns: list of column names; stamp: a timestamp expression over the relation's
columns; sequence: an expression that orders versions better than the stamp does (the ERP's rowversion), if any.
Use: `with versions as ({{ row_versions(source('raw_salesforce', 'account'), ['id'], 'system_modstamp') }})`.
#}
{% macro row_versions(relation, key_columns, stamp, sequence=none) %}
    {%- set key = key_columns | join(', ') -%}
    {%- set order = (sequence or 'coalesce(' ~ stamp ~ ', _deleted_at)')
        ~ ' nulls first, _extracted_at, _deleted_at is not null, _row_hash' -%}
    select
        * exclude (own_at),
        max(own_at) over (
            partition by {{ key }} order by {{ order }} rows unbounded preceding
        ) as version_at,
        _extracted_at as recorded_at,
        row_number() over (partition by {{ key }} order by {{ order }}) as version_no
    from (
        select
            *,
            -- a row that comes back with its old stamp was restored when it was seen again
            case
                when _deleted_at is null
                    and lag(_deleted_at) over (partition by {{ key }} order by {{ order }}) >= {{ stamp }}
                    then _extracted_at
                else coalesce(_deleted_at, {{ stamp }}, _extracted_at)
            end as own_at
        from {{ relation }}
        -- drops repetitions of the version before, but keeps a return to older content
        qualify not coalesce(
            (_deleted_at is null) = (lag(_deleted_at) over (partition by {{ key }} order by {{ order }}) is null)
            and (
                _deleted_at is not null
                or _row_hash = lag(_row_hash) over (partition by {{ key }} order by {{ order }})
            )
            and lag(_extracted_at) over (partition by {{ key }} order by {{ order }}) is not null,
            false
        )
    )
{%- endmacro %}

{#
The latest version per key, without the keys whose latest version is a tombstone.
Set `with_deleted=true` to keep those (`_deleted_at` tells them apart).
#}
{% macro current_rows(relation, key_columns, stamp, sequence=none, with_deleted=false) %}
    select *
    from ({{ row_versions(relation, key_columns, stamp, sequence) }})
    qualify
        row_number() over (partition by {{ key_columns | join(', ') }} order by version_no desc) = 1
        {%- if not with_deleted %}
        and _deleted_at is null
        {%- endif %}
{%- endmacro %}
