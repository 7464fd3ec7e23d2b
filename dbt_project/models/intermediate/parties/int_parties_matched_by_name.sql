-- grain: group of ERP customers that belongs to a group of CRM accounts by name and country, but not by domain
-- additive: nothing
with

members as (select * from {{ ref('int_party_group_members') }}),

domain_matches as (select * from {{ ref('int_parties_matched_by_domain') }}),

-- a group that an ERP group joined by domain has that group's VAT number, too
inherited_vats as (
    select
        crm_group_id,
        bool_or(erp_has_vat) as has_vat
    from domain_matches
    group by crm_group_id
),

crm_members as (
    select
        members.*,
        members.has_vat or coalesce(inherited_vats.has_vat, false) as carries_vat
    from members
    left join inherited_vats on members.group_id = inherited_vats.crm_group_id
    where members.has_crm
),

erp_members as (
    select members.*
    from members
    left join domain_matches on members.group_id = domain_matches.erp_group_id
    where not members.has_crm and domain_matches.erp_group_id is null
),

pairs as (
    select
        crm_members.group_id as crm_group_id,
        erp_members.group_id as erp_group_id,
        bool_or(crm_members.name_key = erp_members.name_key) as is_exact,
        bool_or(crm_members.carries_vat and erp_members.has_vat) as is_contradicted
    from crm_members
    inner join erp_members
        on
            crm_members.country_key = erp_members.country_key
            and (
                crm_members.name_key = erp_members.name_key
                or (
                    erp_members.name_pattern is not null
                    and regexp_full_match(crm_members.name_key, erp_members.name_pattern)
                )
                or (
                    crm_members.name_pattern is not null
                    and regexp_full_match(erp_members.name_key, crm_members.name_pattern)
                )
            )
    group by crm_members.group_id, erp_members.group_id
),

-- a written-out name beats an abbreviated one
best_pairs as (
    select *
    from pairs
    qualify
        is_exact = bool_or(is_exact) over (partition by crm_group_id)
        and is_exact = bool_or(is_exact) over (partition by erp_group_id)
),

unique_pairs as (
    select *
    from best_pairs
    qualify
        count(*) over (partition by crm_group_id) = 1
        and count(*) over (partition by erp_group_id) = 1
),

matched as (
    select
        crm_group_id,
        erp_group_id,
        is_exact
    from unique_pairs
    where not is_contradicted
)

select * from matched
