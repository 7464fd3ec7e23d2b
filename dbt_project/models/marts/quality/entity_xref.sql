-- grain: customer id of a source
-- additive: nothing; which golden customer each id belongs to, and which rule decided it
with

resolved as (select * from {{ ref('int_customers_resolved') }}),

cross_references as (
    select
        customer_id,
        split_part(source_customer_id, ':', 1) as source_system,
        substr(source_customer_id, 1 + strpos(source_customer_id, ':')) as source_id,
        match_method,
        match_score,
        'rule:' || match_method as decided_by,
        valid_from,
        valid_to
    from resolved
)

select * from cross_references
