-- grain: change of a tracked field of a deal
-- rows that vanish with a deleted deal stay: what happened, happened
with changes as (
    {{ current_rows(
        source('raw_salesforce', 'opportunity_field_history'), ['id'], 'system_modstamp', with_deleted=true
    ) }}
),

named as (
    select
        *,
        case field
            when 'Amount' then 'amount'
            when 'CloseDate' then 'close_date'
            when 'Owner' then 'owner_id'
            when 'ForecastCategoryName' then 'forecast_category'
            when 'IsDeleted' then 'is_deleted'
        end as field_name
    from changes
),

renamed as (
    select
        'salesforce:' || id as change_id,
        'salesforce:' || opportunity_id as opportunity_id,
        field_name,
        case field_name when 'owner_id' then 'salesforce:' || old_value else old_value end as old_value,
        case field_name when 'owner_id' then 'salesforce:' || new_value else new_value end as new_value,
        created_date as changed_at
    from named
    where field_name is not null and created_date is not null
)

select * from renamed
