-- grain: customer id of a source ('<source>:<id>')
-- additive: nothing; customer_id is the id of the golden customer's surviving record
with

parties as (select * from {{ ref('int_parties_normalized') }}),

grouped as (select * from {{ ref('int_parties_grouped') }}),

matched as (select * from {{ ref('int_parties_matched') }}),

clustered as (
    select
        parties.*,
        coalesce(matched.crm_group_id, grouped.group_id) as cluster_id,
        matched.match_method as group_match_method
    from parties
    inner join grouped on parties.party_id = grouped.party_id
    left join matched on grouped.group_id = matched.erp_group_id
),

-- the CRM leads, a record that was merged away or deleted follows, ties go to the smallest id
elected as (
    select
        *,
        first_value(party_id) over (
            partition by cluster_id order by side, is_merged_away, is_deleted, party_id
        ) as customer_id
    from clustered
),

explained as (
    select
        party_id as source_customer_id,
        customer_id,
        case
            when party_id = customer_id then 'self'
            when group_match_method is not null then group_match_method
            when is_merged_away then 'merged'
            else 'vat'
        end as match_method,
        known_from as valid_from,
        cast(null as timestamp) as valid_to
    from elected
),

scored as (
    select
        source_customer_id,
        customer_id,
        match_method,
        cast(
            case match_method
                when 'domain' then 0.98 when 'name_country' then 0.96 when 'abbreviated_name' then 0.95 else 1.0
            end as double
        ) as match_score,
        valid_from,
        valid_to
    from explained
)

select * from scored
