-- grain: workbook (by content) × sheet × cell
-- additive: amount_document within one currency and version
with

quota_lines as (
    {{ staged('quota_lines') }}
)

select * from quota_lines
