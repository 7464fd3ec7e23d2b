-- grain: change of a tracked property of a deal
-- the value that a deal was created with is no change
with deal_values as (
    select * from {{ ref('base_hubspot__deal_values') }}
    where property <> 'dealstage' and (value_no > 1 or is_late_start)
),

typed as (
    select
        *,
        case property
            when 'amount' then 'amount'
            when 'closedate' then 'close_date'
            when 'hubspot_owner_id' then 'owner_id'
        end as field_name
    from deal_values
),

renamed as (
    select
        'hubspot:' || change_id as change_id,
        'hubspot:' || deal_id as opportunity_id,
        field_name,
        {%- for name in ['old_value', 'value'] %}
            case field_name
                when 'amount' then cast(try_cast({{ name }} as decimal(18, 4)) as varchar)
                when 'close_date' then cast({{ business_date(hubspot_moment(name)) }} as varchar)
                when 'owner_id' then 'hubspot:' || {{ name }}
            end as {{ 'new_value' if name == 'value' else name }},
        {%- endfor %}
        changed_at
    from typed
    where field_name is not null
)

select * from renamed
