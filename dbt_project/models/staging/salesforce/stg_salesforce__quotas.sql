-- grain: quota of a rep × period × version
-- additive: amount over reps and periods, within one currency and version
with

quotas as (
    {{ current_rows(source('raw_salesforce', 'forecasting_quota'), ['id'], 'system_modstamp', with_deleted=true) }}
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
        coalesce(currency_iso_code, '{{ var("reporting_currency") }}') as currency,
        {{ business_date('_deleted_at') }} as deleted_on
    from quotas
    -- quotas in pieces are not money
    where coalesce(is_amount, true) and quota_amount is not null
),

-- a deleted quota holds for a period that was over by then, unless the quota was entered anew
in_force as (
    select * exclude (deleted_on)
    from renamed
    where
        deleted_on is null
        or deleted_on >= period_start
        + case grain when 'quarter' then interval 3 month when 'year' then interval 1 year else interval 1 month end
    qualify
        rank() over (
            partition by sales_rep_id, grain, period_start, version
            order by deleted_on desc nulls first
        ) = 1
)

select * from in_force
