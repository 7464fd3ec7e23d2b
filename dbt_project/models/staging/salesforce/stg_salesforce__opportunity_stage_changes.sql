-- grain: row of a deal's stage history (its creation, a change, or a row without a change of stage)
-- rows that vanish with a deleted deal stay: what happened, happened
with changes as (
    {{ current_rows(source('raw_salesforce', 'opportunity_history'), ['id'], 'system_modstamp', with_deleted=true) }}
),

renamed as (
    select
        'salesforce:' || id as change_id,
        'salesforce:' || opportunity_id as opportunity_id,
        stage_name,
        amount as amount_document,
        -- the CRM keeps percentages, the warehouse ratios
        probability / 100.0 as probability,
        close_date,
        created_date as changed_at
    from changes
    where created_date is not null
)

select * from renamed
