-- grain: kind × surrogate key; several surrogate keys of one kind may be versions of one business id
with

customers as (
    {{ current_rows(source('raw_files', 'dim_customer'), ['customer_key'], '_extracted_at') }}
),

resellers as (
    {{ current_rows(source('raw_files', 'dim_reseller'), ['reseller_key'], '_extracted_at') }}
),

products as (
    {{ current_rows(source('raw_files', 'dim_product'), ['product_key'], '_extracted_at') }}
),

employees as (
    {{ current_rows(source('raw_files', 'dim_employee'), ['employee_key'], '_extracted_at') }}
),

currencies as (
    {{ current_rows(source('raw_files', 'dim_currency'), ['currency_key'], '_extracted_at') }}
),

unioned as (
    select
        'customer' as kind,
        customer_key as surrogate_key,
        'adventureworks:' || customer_alternate_key as business_id
    from customers
    union all
    select
        'reseller' as kind,
        reseller_key as surrogate_key,
        'adventureworks:' || reseller_alternate_key as business_id
    from resellers
    union all
    select
        'product' as kind,
        product_key as surrogate_key,
        'adventureworks:' || product_alternate_key as business_id
    from products
    union all
    select
        'employee' as kind,
        employee_key as surrogate_key,
        'adventureworks:' || employee_national_id_alternate_key as business_id
    from employees
    union all
    select
        'currency' as kind,
        currency_key as surrogate_key,
        currency_alternate_key as business_id
    from currencies
)

select * from unioned
