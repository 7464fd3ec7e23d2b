-- grain: workbook (by content) × sheet × cell
-- additive: nothing
with

rows_read as (
    {{ workbook_rows('market_indicator') }}
),

renamed as (
    select
        version as indicator_version,
        indicator as indicator_name,
        region,
        period_date,
        value,
        {{ business_midnight('released_at') }} as released_at,
        publisher,
        {{ workbook_cell() }}
    from rows_read
)

select * from renamed
