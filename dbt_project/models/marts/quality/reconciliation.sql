-- grain: load × entity × period × measure; load_id 'build' marks what the build compared: the lines that staging
-- delivered against those that the marts count or leave out by rule
-- additive: nothing
with

load_counts as (
    select * from {{ source('quality', 'load_reconciliation') }}
),

delivered_lines as (
    select * from {{ ref('int_sales_lines_unioned') }}
),

counted_lines as (
    select * from {{ ref('fct_sales') }}
),

excluded_lines as (
    select * from {{ ref('int_sales_lines_excluded') }}
),

fiscal_calendar as (
    select * from {{ ref('int_fiscal_calendar') }}
),

both_sides as (
    select
        sales_line_id,
        document_type,
        invoice_date,
        currency,
        net_amount_document as source_amount
    from delivered_lines
    union all by name
    select
        sales_line_id,
        document_type,
        invoice_date,
        currency,
        net_amount_document as warehouse_amount
    from counted_lines
    union all by name
    select
        sales_line_id,
        document_type,
        invoice_date,
        currency,
        net_amount_document as warehouse_amount
    from excluded_lines
),

compared as (
    select
        split_part(both_sides.sales_line_id, ':', 1) as source,
        both_sides.document_type || '_line' as entity,
        fiscal_calendar.fiscal_period_key as period_key,
        'net_amount_document_' || coalesce(both_sides.currency, 'UNKNOWN') as measure,
        cast(coalesce(sum(both_sides.source_amount), 0) as double) as source_value,
        cast(coalesce(sum(both_sides.warehouse_amount), 0) as double) as warehouse_value
    from both_sides
    left join fiscal_calendar on both_sides.invoice_date = fiscal_calendar.date_day
    group by all
),

judged as (
    select
        *,
        warehouse_value - source_value as difference,
        -- both sides add the same decimals; only the conversion to double may differ
        0.00005 as tolerance
    from compared
),

final as (
    select
        load_id,
        source,
        entity,
        cast(period_key as integer) as period_key,
        measure,
        source_value,
        warehouse_value,
        difference,
        tolerance,
        status
    from load_counts
    union all
    select
        'build' as load_id,
        source,
        entity,
        cast(period_key as integer) as period_key,
        measure,
        source_value,
        warehouse_value,
        difference,
        cast(tolerance as double) as tolerance,
        if(abs(difference) <= tolerance, 'passed', 'failed') as status
    from judged
)

select * from final
