-- grain: call, e-mail, meeting, note or completed task
{% set kinds = {
    'calls': ("'call'", 'hs_call_duration / 60000.0'),
    'emails': ("'email'", 'null'),
    'meetings': (
        "coalesce(lower(nullif(trim(hs_activity_type), '')), 'meeting')",
        "date_diff('minute', hs_meeting_start_time, hs_meeting_end_time)"
    ),
    'notes': ("'note'", 'null'),
    'tasks': ("coalesce(lower(nullif(trim(hs_task_type), '')), 'task')", 'null')
} %}
with
{% for kind in kinds %}
    {{ kind }} as (
        {{ current_rows(source('raw_hubspot', kind), ['id'], hubspot_stamp()) }}
    ),
{% endfor %}

links as (
    select * from {{ ref('base_hubspot__links') }}
),

unioned as (
    {%- for kind, (type, minutes) in kinds.items() %}
        select
            '{{ kind }}' as kind,
            id,
            coalesce(hs_timestamp, hs_createdate, created_at) as activity_at,
            {{ type }} as activity_type,
            hubspot_owner_id,
            cast(round({{ minutes }}) as integer) as duration_minutes
        from {{ kind }}
        where
            not coalesce(archived, false)
            {%- if kind == 'tasks' %}
                -- an open task is a plan
                and upper(hs_task_status) = 'COMPLETED'
            {%- endif %}
        {{ 'union all' if not loop.last }}
    {%- endfor %}
),

renamed as (
    select
        'hubspot:' || unioned.id as activity_id,
        unioned.activity_at,
        unioned.activity_type,
        'hubspot:' || unioned.hubspot_owner_id as owner_id,
        'hubspot:' || companies.to_object_id as account_id,
        'hubspot:' || deals.to_object_id as opportunity_id,
        unioned.duration_minutes
    from unioned
    left join links as companies
        on
            companies.to_object_type = 'companies' and unioned.kind = companies.from_object_type
            and unioned.id = companies.from_object_id
    left join links as deals
        on
            deals.to_object_type = 'deals' and unioned.kind = deals.from_object_type
            and unioned.id = deals.from_object_id
)

select * from renamed
