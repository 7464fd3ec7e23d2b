-- grain: variant × start of a standard cost, of the company with the smallest id that has one
with

versions as (
    {{ row_versions(
        source('raw_odoo', 'product_standard_price'), ['product_id', 'company_id'], 'write_date'
    ) }}
),

companies as (
    {{ current_rows(source('raw_odoo', 'res_company'), ['id'], 'write_date', with_deleted=true) }}
),

currencies as (
    {{ current_rows(source('raw_odoo', 'res_currency'), ['id'], 'write_date', with_deleted=true) }}
),

dated as (
    select
        *,
        {{ business_date('version_at') }} as valid_from
    from versions
    qualify rank() over (partition by product_id order by company_id) = 1
),

last_of_day as (
    select *
    from dated
    qualify row_number() over (partition by product_id, valid_from order by version_no desc) = 1
),

renamed as (
    select
        'odoo:' || last_of_day.product_id as product_id,
        last_of_day.valid_from,
        -- a cost that was taken away is unknown from then on
        if(
            last_of_day._deleted_at is null, cast(last_of_day.standard_price as decimal(18, 4)), null
        ) as unit_cost,
        currencies.name as currency
    from last_of_day
    left join companies on last_of_day.company_id = companies.id
    left join currencies on companies.currency_id = currencies.id
)

select * from renamed
