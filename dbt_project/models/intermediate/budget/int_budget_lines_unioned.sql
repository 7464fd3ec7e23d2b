-- grain: workbook (by content) × sheet × cell
-- additive: amount_document within one currency, version and measure
with

budget_lines as (
    {{ staged('budget_lines') }}
)

select * from budget_lines
