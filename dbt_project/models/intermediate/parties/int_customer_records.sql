-- grain: version of the record that speaks for a golden customer
-- additive: nothing; a golden account's own versions, its ERP record filling what the CRM does not say
with

accounts as (select * from {{ ref('int_accounts_unioned') }}),

customers as (select * from {{ ref('int_customers_unioned') }}),

resolved as (select * from {{ ref('int_customers_resolved') }}),

-- the ERP record of a golden customer: a living one, then the smallest id
erp_records as (
    select
        resolved.customer_id,
        customers.*
    from customers
    inner join resolved on customers.customer_source_id = resolved.source_customer_id
    qualify row_number() over (
        partition by resolved.customer_id
        order by
            customers.deleted_at is not null asc,
            customers.customer_source_id asc,
            customers.version_at desc,
            customers.version_no desc
    ) = 1
),

account_records as (
    select
        accounts.account_id as customer_id,
        accounts.account_name as customer_name,
        nullif(parents.customer_id, accounts.account_id) as parent_customer_id,
        coalesce(accounts.segment, erp_records.segment) as segment,
        coalesce(accounts.industry, erp_records.industry) as industry,
        coalesce(accounts.customer_type, erp_records.customer_type) as customer_type,
        coalesce(erp_records.ship_to_country, accounts.country) as country,
        accounts.acquisition_source,
        accounts.created_at,
        accounts.version_at,
        accounts.deleted_at,
        accounts.version_no
    from accounts
    inner join resolved on accounts.account_id = resolved.customer_id and resolved.match_method = 'self'
    left join resolved as parents on accounts.parent_account_id = parents.source_customer_id
    left join erp_records on accounts.account_id = erp_records.customer_id
),

customer_records as (
    select
        customers.customer_source_id as customer_id,
        customers.customer_name,
        cast(null as varchar) as parent_customer_id,
        customers.segment,
        customers.industry,
        customers.customer_type,
        coalesce(customers.ship_to_country, customers.country) as country,
        cast(null as varchar) as acquisition_source,
        customers.created_at,
        customers.version_at,
        customers.deleted_at,
        customers.version_no
    from customers
    inner join resolved on customers.customer_source_id = resolved.customer_id and resolved.match_method = 'self'
),

records as (
    select * from account_records
    union all
    select * from customer_records
),

completed as (
    select
        * replace (
            coalesce(segment, 'UNKNOWN') as segment,
            coalesce(industry, 'UNKNOWN') as industry,
            coalesce(customer_type, 'UNKNOWN') as customer_type,
            coalesce(country, 'UNKNOWN') as country,
            coalesce(acquisition_source, 'UNKNOWN') as acquisition_source
        )
    from records
)

select * from completed
