-- grain: party of a source
-- additive: nothing; parties of one group_id are the same by merge in the CRM or by VAT number
with recursive

parties as (select * from {{ ref('int_parties_normalized') }}),

-- an account with the VAT number of its parent account is a branch: parent and child stay two customers
vat_edges as (
    select
        parties.party_id,
        'vat:' || parties.vat_key as node_id
    from parties
    left join parties as parents on parties.parent_account_id = parents.party_id
    where parties.vat_key is not null and parties.vat_key is distinct from parents.vat_key
),

merge_edges as (
    select
        party_id,
        merged_into_id as node_id
    from parties
    where merged_into_id is not null
),

edges as (
    select
        party_id as from_node_id,
        node_id as to_node_id
    from vat_edges
    union
    select
        node_id as from_node_id,
        party_id as to_node_id
    from vat_edges
    union
    select
        party_id as from_node_id,
        node_id as to_node_id
    from merge_edges
    union
    select
        node_id as from_node_id,
        party_id as to_node_id
    from merge_edges
),

-- merges chain and may even form a circle: reachability needs no order and always ends
reached as (
    select
        party_id,
        party_id as node_id
    from parties
    union
    select
        reached.party_id,
        edges.to_node_id as node_id
    from reached
    inner join edges on reached.node_id = edges.from_node_id
),

grouped as (
    select
        reached.party_id,
        min(reached.node_id) as group_id
    from reached
    inner join parties on reached.node_id = parties.party_id
    group by reached.party_id
)

select * from grouped
