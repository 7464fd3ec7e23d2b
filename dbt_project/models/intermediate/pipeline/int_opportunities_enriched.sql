-- grain: opportunity, as last seen, with the members of the dimensions it belongs to
with opportunities as (
    {{ staged('opportunities') }}
),

accounts as (
    {{ staged('accounts') }}
),

customers as (
    select
        source_customer_id,
        customer_id
    from {{ ref('int_customers_resolved') }}
),

line_summaries as (
    select
        opportunity_id,
        product_line
    from {{ ref('int_opportunity_lines_summarised') }}
),

latest as (
    select *
    from opportunities
    qualify row_number() over (partition by opportunity_id order by version_no desc) = 1
),

segments as (
    select
        account_id,
        arg_max(segment, version_no) as segment
    from accounts
    where segment is not null
    group by account_id
),

enriched as (
    select
        latest.opportunity_id,
        latest.opportunity_name,
        latest.pipeline_id,
        latest.account_id,
        coalesce(customers.customer_id, 'UNKNOWN') as customer_id,
        latest.owner_id,
        coalesce(segments.segment, 'UNKNOWN') as segment,
        coalesce(line_summaries.product_line, 'UNKNOWN') as product_line,
        {{ slug('latest.source_name') }} as source_id,
        latest.campaign_id,
        coalesce(latest.currency, '{{ var("reporting_currency") }}') as currency,
        latest.amount_document,
        latest.stage_name,
        latest.probability,
        latest.forecast_category,
        latest.close_date,
        latest.next_step,
        latest.loss_reason,
        latest.merged_into_id,
        latest.is_close_date_history_known,
        latest.created_at,
        {{ business_date('latest.created_at') }} as created_date,
        latest.version_at,
        latest.deleted_at
    from latest
    left join customers on latest.account_id = customers.source_customer_id
    left join segments on latest.account_id = segments.account_id
    left join line_summaries on latest.opportunity_id = line_summaries.opportunity_id
)

select * from enriched
