-- grain: invoice or credit-note line of any source
-- additive: amounts within one currency
with

sales_lines as (
    {{ staged('sales_lines') }}
)

select * from sales_lines
