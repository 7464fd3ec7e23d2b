-- grain: group of ERP customers that belongs to a group of CRM accounts without an equal VAT number
-- additive: nothing; groups that match nobody, or more than one, are absent
with

domain_matches as (select * from {{ ref('int_parties_matched_by_domain') }}),

name_matches as (select * from {{ ref('int_parties_matched_by_name') }}),

matched as (
    select
        erp_group_id,
        crm_group_id,
        'domain' as match_method
    from domain_matches
    union all
    select
        erp_group_id,
        crm_group_id,
        if(is_exact, 'name_country', 'abbreviated_name') as match_method
    from name_matches
)

select * from matched
