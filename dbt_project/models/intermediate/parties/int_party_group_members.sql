-- grain: party that a group is recognised by
-- additive: nothing; a group with CRM accounts is recognised by these, any other by its ERP customers
with

parties as (select * from {{ ref('int_parties_normalized') }}),

grouped as (select * from {{ ref('int_parties_grouped') }}),

groups as (
    select
        grouped.group_id,
        bool_or(parties.side = 'crm') as has_crm,
        bool_or(parties.vat_key is not null) as has_vat
    from parties
    inner join grouped on parties.party_id = grouped.party_id
    group by grouped.group_id
),

members as (
    select
        parties.party_id,
        grouped.group_id,
        groups.has_crm,
        groups.has_vat,
        parties.domain_key,
        parties.name_key,
        parties.name_pattern,
        parties.country_key
    from parties
    inner join grouped on parties.party_id = grouped.party_id
    inner join groups on grouped.group_id = groups.group_id
    where parties.side = 'crm' or not groups.has_crm
)

select * from members
