-- grain: opportunity that has lines; the product line is that of its largest line
with lines as (
    {{ staged('opportunity_lines') }}
),

products as (
    {{ staged('products') }}
),

current_lines as (
    select *
    from lines
    qualify row_number() over (partition by opportunity_line_id order by version_no desc) = 1
),

product_lines as (
    select
        sku,
        first(product_line order by version_at desc, product_line asc) as product_line
    from products
    where product_line is not null
    group by sku
),

described as (
    select
        current_lines.opportunity_id,
        current_lines.opportunity_line_id,
        current_lines.amount_document,
        product_lines.product_line,
        -- the lines of a deleted deal are deleted with it, but still tell what it was about
        current_lines.deleted_at is not null as is_deleted
    from current_lines
    left join product_lines on current_lines.sku = product_lines.sku
),

summarised as (
    select
        opportunity_id,
        count(*) filter (where not is_deleted) as line_count,
        sum(amount_document) filter (where not is_deleted) as line_amount_document,
        first(
            product_line order by is_deleted asc, amount_document desc nulls last, opportunity_line_id asc
        ) filter (where product_line is not null) as product_line
    from described
    group by opportunity_id
)

select * from summarised
