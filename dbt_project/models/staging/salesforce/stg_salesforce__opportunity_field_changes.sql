-- grain: change of a tracked field of a deal
-- rows that vanish with a deleted deal stay: what happened, happened
with changes as (
    {{ current_rows(
        source('raw_salesforce', 'opportunity_field_history'), ['id'], 'created_date', with_deleted=true
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
        {%- for value in ['old_value', 'new_value'] %}
            case field_name
                when 'owner_id' then 'salesforce:' || {{ salesforce_id(value) }}
                else {{ value }}
            end as {{ value }},
        {%- endfor %}
        created_date as changed_at
    from named
    where
        field_name is not null and created_date is not null
        -- a change of owner stands there twice, by id and by name
        and (
            field_name <> 'owner_id'
            or regexp_full_match(coalesce(trim(new_value), trim(old_value), ''), '[A-Za-z0-9]{15}([A-Za-z0-9]{3})?')
        )
)

select * from renamed
