-- grain: completed task or calendar event
with tasks as (
    {{ current_rows(source('raw_salesforce', 'task'), ['id'], 'system_modstamp') }}
),

events as (
    {{ current_rows(source('raw_salesforce', 'event'), ['id'], 'system_modstamp') }}
),

unioned as (
    select
        id,
        coalesce(completed_date_time, activity_date, created_date) as activity_at,
        coalesce(type, 'task') as type,
        owner_id,
        account_id,
        what_id,
        cast(round(call_duration_in_seconds / 60.0) as integer) as duration_minutes
    from tasks
    -- an open task is a plan
    where not coalesce(is_deleted, false) and (status = 'Completed' or completed_date_time is not null)
    union all
    select
        id,
        start_date_time as activity_at,
        coalesce(type, 'meeting') as type,
        owner_id,
        account_id,
        what_id,
        coalesce(duration_in_minutes, date_diff('minute', start_date_time, end_date_time)) as duration_minutes
    from events
    where not coalesce(is_deleted, false)
),

-- the first three characters of a Salesforce id name its object
renamed as (
    select
        'salesforce:' || id as activity_id,
        activity_at,
        lower(type) as activity_type,
        'salesforce:' || owner_id as owner_id,
        'salesforce:' || coalesce(account_id, case when what_id[1:3] = '001' then what_id end) as account_id,
        'salesforce:' || case when what_id[1:3] = '006' then what_id end as opportunity_id,
        duration_minutes
    from unioned
)

select * from renamed
