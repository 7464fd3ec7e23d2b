{#
Rows of one entity of the staging contract from a plain file with the contract's own columns (`files` source, table
`backfill_<entity>`). Columns that the file lacks take a default or NULL; an entity without a file is empty.

Ids: a bare id is the older system's own and becomes 'backfill:<id>'; an id that begins with the name of another
mapping ('erp:K-7') is kept, and so joins history to the customer or product that lives on there.

key: the column that identifies a row; needed: columns without which the file is refused; defaults: SQL by column;
versions: whether every version counts (the entity then has version_at and version_no) or the latest one alone.
#}
{% macro backfilled(entity, key, needed=[], defaults={}, versions=false) %}
    {%- set relation = source('raw_backfill', 'backfill_' ~ entity) -%}
    {%- set found = [] -%}
    {%- for column in adapter.get_columns_in_relation(relation) if execute -%}
        {%- do found.append(column.name | lower) -%}
    {%- endfor -%}
    {%- set lacking = needed | reject('in', found) | list -%}
    {%- if execute and lacking -%}
        {%- do exceptions.raise_compiler_error(
            'The backfill needs the file table backfill_' ~ entity ~ ' with ' ~ lacking | join(', ')
            ~ '; it has ' ~ (found | join(', ') or 'not been loaded')
            ~ '. Name the file in SALESWH_FILES_CONFIG, or take backfill out of SALESWH_MAPPINGS.') -%}
    {%- endif -%}
    {%- set others = '^(' ~ var('mappings') | join('|') ~ '):' -%}
    select
    {%- for name, type in staging_entities()[entity]['columns'].items() %}
        {% if found and name == 'deleted_at' -%}
        _deleted_at as deleted_at
        {%- elif found and name in ('version_at', 'version_no') -%}
        {{ name }}
        {%- elif name in found and name.endswith('_id') -%}
        if(regexp_matches({{ name }}, '{{ others }}'), {{ name }}, 'backfill:' || {{ name }}) as {{ name }}
        {%- elif name in found -%}
        {% if name in defaults %}coalesce(cast({{ name }} as {{ type }}), {{ defaults[name] }}){% else -%}
        cast({{ name }} as {{ type }}){% endif %} as {{ name }}
        {%- else -%}
        cast({{ defaults.get(name, 'null') if found else 'null' }} as {{ type }}) as {{ name }}
        {%- endif -%}
        {{ ',' if not loop.last }}
    {%- endfor %}
    {% if not found -%}
    where false
    {%- elif versions -%}
    from ({{ row_versions(relation, [key], '_extracted_at') }})
    {%- else -%}
    from ({{ current_rows(relation, [key], '_extracted_at', with_deleted=true) }})
    {%- endif %}
{% endmacro %}
