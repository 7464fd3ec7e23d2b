-- grain: kind of member × label × member id × validity
-- additive: nothing; labels are lower case; a rep is known by id, by the source's bare id and by a name or mail
-- address that is no other rep's; what a rep of the CRM is called is no label of a billing system's salesperson
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

sales_rep_labels as (
    select
        unnest([lower(sales_rep_id), lower(split_part(sales_rep_id, ':', 2))]) as label,
        sales_rep_id as member_id,
        'id' as label_kind
    from sales_reps
    union
    select
        lower(trim(sales_rep_name)) as label,
        sales_rep_id as member_id,
        'name' as label_kind
    from sales_reps
    where sales_rep_name is not null
    union
    select
        lower(trim(sales_rep_emails.email)) as label,
        sales_rep_emails.sales_rep_id as member_id,
        'email' as label_kind
    from sales_rep_emails
    where sales_rep_emails.sales_rep_id in (select sales_reps.sales_rep_id from sales_reps)
),

leading_labels as (
    select *
    from sales_rep_labels
    qualify rank() over (partition by label order by {{ is_of_billing_system('member_id') }}) = 1
),

sales_rep_members as (
    select distinct
        'sales_rep' as kind,
        label,
        member_id
    from leading_labels
    qualify label_kind = 'id' or count(*) over (partition by label, label_kind) = 1
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
    select * from sales_rep_members
    union all by name
    select * from vacant_member
)

select * from members
