-- grain: invoiced cost of a campaign × month
-- additive: amount_document over campaigns and months, within one currency
with

costs as (
    {{ current_rows(source('raw_salesforce', 'campaign_cost_c'), ['id'], 'system_modstamp') }}
),

renamed as (
    select
        'salesforce:' || id as campaign_cost_id,
        'salesforce:' || {{ salesforce_id('campaign_c') }} as campaign_id,
        invoice_month_c as invoice_month,
        amount_c as amount_document,
        coalesce(currency_iso_code, '{{ var("reporting_currency") }}') as currency
    from costs
    where not coalesce(is_deleted, false)
)

select * from renamed
