-- grain: opportunity × attribute × moment × source of the information; values as text
-- All that the sources say about an attribute of a deal. `source_order` and `change_id` decide between statements
-- about one moment: 1 stage event, 2 row of the stage history, 3 field history, 4 version of the record.
{% set sources = [
    ('stage_events', 1, 'entered_at', "lpad(cast(event_seq as varchar), 9, '0')", {
        'stage_id': 'to_stage_id', 'forecast_category': 'forecast_category', 'probability': 'default_probability'}),
    ('stage_changes', 2, 'changed_at', 'change_id', {
        'amount': 'amount_document', 'close_date': 'close_date', 'probability': 'probability'}),
    ('versions', 4, 'version_at', "lpad(cast(version_no as varchar), 9, '0')", {
        'amount': 'amount_document', 'close_date': 'close_date', 'owner_id': 'owner_id',
        'forecast_category': 'forecast_category', 'probability': 'probability',
        'is_deleted': 'deleted_at is not null'})
] %}
with versions as (
    {{ staged('opportunities') }}
),

field_changes as (
    {{ staged('opportunity_field_changes') }}
),

stage_changes as (
    {{ staged('opportunity_stage_changes') }}
),

stage_events as (
    select * from {{ ref('int_opportunity_stage_events') }}
),

statements as (
    {%- for relation, source_order, moment, change_id, attributes in sources %}
        {%- for attribute, value in attributes.items() %}
            select
                opportunity_id,
                '{{ attribute }}' as attribute,
                cast({{ value }} as varchar) as value,
                {{ moment }} as changed_at,
                {{ source_order }} as source_order,
                {{ change_id }} as change_id,
                cast(null as varchar) as old_value
            from {{ relation }}
            union all
        {%- endfor %}
    {%- endfor %}
    select
        opportunity_id,
        field_name as attribute,
        new_value as value,
        changed_at,
        3 as source_order,
        change_id,
        old_value
    from field_changes
)

select * from statements
