-- grain: kind of member × label × member id × validity
-- additive: nothing; labels are lower case; a rep is known by id, by the source's bare id and by a name or mail
-- address that is no other rep's
with

territories as (
    select * from {{ ref('int_territories_completed') }}
),

sales_reps as (
    select * from {{ ref('int_sales_reps_unioned') }}
),

sales_rep_emails as (
    {{ staged('sales_rep_emails') }}
),

territory_names as (
    select
        'territory' as kind,
        lower(trim(territory_name)) as label,
        territory_id as member_id,
        valid_from,
        valid_to
    from territories
),

sales_rep_ids as (
    select distinct
        'sales_rep' as kind,
        unnest([lower(sales_rep_id), lower(split_part(sales_rep_id, ':', 2))]) as label,
        sales_rep_id as member_id
    from sales_reps
),

sales_rep_names as (
    select
        'sales_rep' as kind,
        lower(trim(sales_rep_name)) as label,
        min(sales_rep_id) as member_id
    from sales_reps
    where sales_rep_name is not null
    group by lower(trim(sales_rep_name))
    having count(distinct sales_rep_id) = 1
),

sales_rep_addresses as (
    select
        'sales_rep' as kind,
        lower(trim(sales_rep_emails.email)) as label,
        min(sales_rep_emails.sales_rep_id) as member_id
    from sales_rep_emails
    where sales_rep_emails.sales_rep_id in (select sales_reps.sales_rep_id from sales_reps)
    group by lower(trim(sales_rep_emails.email))
    having count(distinct sales_rep_emails.sales_rep_id) = 1
),

vacant_member as (
    select
        'sales_rep' as kind,
        'vacant' as label,
        'VACANT' as member_id
),

members as (
    select * from territory_names
    union all by name
    select * from sales_rep_ids
    union all by name
    select * from sales_rep_names
    union all by name
    select * from sales_rep_addresses
    union all by name
    select * from vacant_member
)

select * from members
