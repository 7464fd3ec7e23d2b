-- grain: group of ERP customers that belongs to a group of CRM accounts by domain
-- additive: nothing
with

members as (select * from {{ ref('int_party_group_members') }}),

crm_domains as (
    select
        domain_key,
        min(group_id) as group_id
    from members
    where has_crm and domain_key is not null
    group by domain_key
    -- a domain of several CRM groups says nothing
    having count(distinct group_id) = 1
),

crm_members as (
    select members.*
    from members
    inner join crm_domains
        on members.group_id = crm_domains.group_id and members.domain_key = crm_domains.domain_key
    where members.has_crm
),

erp_members as (
    select *
    from members
    where not has_crm
),

-- two groups with VAT numbers hold different ones, else they would be one group: never the same party
pairs as (
    select distinct
        crm_members.group_id as crm_group_id,
        erp_members.group_id as erp_group_id,
        erp_members.has_vat as erp_has_vat
    from crm_members
    inner join erp_members on crm_members.domain_key = erp_members.domain_key
    where
        not (crm_members.has_vat and erp_members.has_vat)
        and coalesce(crm_members.country_key = erp_members.country_key, true)
),

matched as (
    select
        crm_group_id,
        erp_group_id,
        erp_has_vat
    from pairs
    qualify
        count(*) over (partition by erp_group_id) = 1
        -- several VAT numbers for one account without any: none of them is certain
        and (not erp_has_vat or count_if(erp_has_vat) over (partition by crm_group_id) = 1)
)

select * from matched
