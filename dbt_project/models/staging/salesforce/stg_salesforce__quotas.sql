-- grain: quota of a rep × period × version
-- additive: amount over reps and periods, within one currency and version
with

quotas as (
    {{ current_rows(source('raw_salesforce', 'forecasting_quota'), ['id'], 'system_modstamp') }}
),

renamed as (
    select
        'salesforce:' || quota_owner_id as sales_rep_id,
        case
            when lower(period_type_c) like 'month%' then 'month'
            when lower(period_type_c) like 'quarter%' then 'quarter'
            else coalesce(lower(trim(period_type_c)), 'month')
        end as grain,
        start_date as period_start,
        coalesce(version_c, 1) as version,
        quota_amount as amount,
        coalesce(currency_iso_code, '{{ var("reporting_currency") }}') as currency
    from quotas
    -- quotas in pieces are not money
    where coalesce(is_amount, true) and quota_amount is not null
)

select * from renamed
