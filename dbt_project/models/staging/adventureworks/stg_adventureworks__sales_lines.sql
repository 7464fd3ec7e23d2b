-- grain: order line, which stands for the invoice line: AdventureWorks keeps no invoices
{%- set measures %}
    product_key,
    currency_key,
    sales_territory_key,
    sales_order_number,
    sales_order_line_number,
    order_quantity,
    sales_amount,
    total_product_cost,
    order_date,
    _deleted_at
{%- endset %}
{%- set key = ['sales_order_number', 'sales_order_line_number'] %}
with

internet_sales as (
    {{ current_rows(source('raw_files', 'fact_internet_sales'), key, '_extracted_at') }}
),

reseller_sales as (
    {{ current_rows(source('raw_files', 'fact_reseller_sales'), key, '_extracted_at') }}
),

keys as (
    select * from {{ ref('base_adventureworks__keys') }}
),

unioned as (
    select 'customer' as buyer_kind, customer_key as buyer_key, null as employee_key, 'internet' as channel, {{ measures }}
    from internet_sales
    union all
    select 'reseller' as buyer_kind, reseller_key as buyer_key, employee_key, 'reseller' as channel, {{ measures }}
    from reseller_sales
),

renamed as (
    select
        'adventureworks:' || unioned.sales_order_number || ':' || unioned.sales_order_line_number as sales_line_id,
        'invoice' as document_type,
        'adventureworks:' || unioned.sales_order_number as invoice_id,
        cast(null as varchar) as original_invoice_id,
        'adventureworks:' || unioned.sales_order_number as order_id,
        'adventureworks:' || unioned.sales_order_number || ':' || unioned.sales_order_line_number as order_line_id,
        buyers.business_id as customer_source_id,
        products.business_id as product_id,
        employees.business_id as source_sales_rep_id,
        'adventureworks:' || unioned.sales_territory_key as territory_id,
        cast(cast(unioned.order_date as timestamp) as date) as invoice_date,
        cast(unioned.order_date as timestamp) as posted_at,
        currencies.business_id as currency,
        cast(unioned.order_quantity as decimal(18, 4)) as quantity,
        cast(unioned.sales_amount as decimal(18, 4)) as net_amount_document,
        cast(unioned.total_product_cost as decimal(18, 4)) as cost_amount_document,
        false as is_return,
        false as is_cancelled,
        cast(null as varchar) as credit_reason,
        unioned.channel,
        unioned._deleted_at as deleted_at
    from unioned
    left join keys as buyers on unioned.buyer_kind = buyers.kind and unioned.buyer_key = buyers.surrogate_key
    left join keys as products on products.kind = 'product' and unioned.product_key = products.surrogate_key
    left join keys as employees on employees.kind = 'employee' and unioned.employee_key = employees.surrogate_key
    left join keys as currencies on currencies.kind = 'currency' and unioned.currency_key = currencies.surrogate_key
)

select * from renamed
