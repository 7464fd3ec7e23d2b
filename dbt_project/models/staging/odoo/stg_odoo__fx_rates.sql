-- grain: day of a quotation × currency; how much of the reporting currency one unit buys
-- Odoo keeps, per company, how many units of a currency one unit of the company's buys: two of them make a pair
{%- set reporting_currency = var('reporting_currency') %}
with

rates as (
    {{ current_rows(source('raw_odoo', 'res_currency_rate'), ['id'], 'write_date') }}
),

currencies as (
    {{ current_rows(source('raw_odoo', 'res_currency'), ['id'], 'write_date', with_deleted=true) }}
),

companies as (
    {{ current_rows(source('raw_odoo', 'res_company'), ['id'], 'write_date') }}
),

bases as (
    select
        companies.id as company_id,
        currencies.name as base_currency
    from companies
    inner join currencies on companies.currency_id = currencies.id
),

-- rates without a company are everybody's, and count from the first company's currency
rate_books as (
    select * from bases
    union all
    select
        0 as company_id,
        arg_min(base_currency, company_id) as base_currency
    from bases
    having count(*) > 0
),

quotations as (
    select
        coalesce(rates.company_id, 0) as company_id,
        currencies.name as currency,
        rates.name as rate_date,
        cast(rates.rate as double) as rate
    from rates
    inner join currencies on rates.currency_id = currencies.id
    where cast(rates.rate as double) > 0
),

reporting_quotations as (
    select * from quotations
    where currency = '{{ reporting_currency }}'
),

-- the company's own currency is worth 1 where it is not quoted itself
base_quotations as (
    select
        reporting_quotations.company_id,
        rate_books.base_currency as currency,
        reporting_quotations.rate_date,
        coalesce(quotations.rate, 1) as rate
    from reporting_quotations
    inner join rate_books on reporting_quotations.company_id = rate_books.company_id
    asof left join quotations
        on
            rate_books.company_id = quotations.company_id
            and rate_books.base_currency = quotations.currency
            and reporting_quotations.rate_date >= quotations.rate_date
),

quoted as (
    select * from quotations
    union
    select * from base_quotations
),

paired as (
    select
        quoted.company_id,
        quoted.currency,
        quoted.rate_date,
        rate_books.base_currency,
        coalesce(
            reporting_quotations.rate, if(rate_books.base_currency = '{{ reporting_currency }}', 1, null)
        ) / quoted.rate as rate
    from quoted
    inner join rate_books on quoted.company_id = rate_books.company_id
    asof left join reporting_quotations
        on
            quoted.company_id = reporting_quotations.company_id
            and quoted.rate_date >= reporting_quotations.rate_date
    where quoted.currency <> '{{ reporting_currency }}'
),

-- several companies quote one day: the one that keeps its books in the reporting currency, then the first
chosen as (
    select *
    from paired
    where rate is not null
    qualify
        row_number() over (
            partition by currency, rate_date
            order by base_currency = '{{ reporting_currency }}' desc, company_id = 0 asc, company_id asc
        ) = 1
),

renamed as (
    select
        rate_date,
        currency as from_currency,
        '{{ reporting_currency }}' as to_currency,
        'daily' as rate_type,
        rate
    from chosen
)

select * from renamed
