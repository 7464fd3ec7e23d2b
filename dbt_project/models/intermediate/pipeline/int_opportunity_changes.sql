-- grain: opportunity × attribute × moment × source of the information; values as text
-- The statements that count, and the value before the first of them. Field history has the word where it is kept: until
-- it begins the stage history speaks, before both the first value known.
with statements as (
    select * from {{ ref('int_opportunity_statements') }}
),

opportunities as (
    select
        opportunity_id,
        created_at
    from {{ ref('int_opportunities_enriched') }}
),

field_history_starts as (
    select
        opportunity_id,
        attribute,
        min(changed_at) as changed_at,
        first(old_value order by changed_at, change_id) as old_value
    from statements
    where source_order = 3
    group by opportunity_id, attribute
),

first_versions as (
    select
        opportunity_id,
        attribute,
        first(value order by change_id) as value
    from statements
    where source_order = 4 and attribute in ('amount', 'close_date', 'owner_id')
    group by opportunity_id, attribute
),

first_moments as (
    select
        opportunity_id,
        min(changed_at) as changed_at
    from statements
    where source_order = 1
    group by opportunity_id
),

initial_values as (
    select
        coalesce(field_history_starts.opportunity_id, first_versions.opportunity_id) as opportunity_id,
        coalesce(field_history_starts.attribute, first_versions.attribute) as attribute,
        if(field_history_starts.opportunity_id is null, first_versions.value, field_history_starts.old_value) as value
    from field_history_starts
    full outer join first_versions
        on
            field_history_starts.opportunity_id = first_versions.opportunity_id
            and field_history_starts.attribute = first_versions.attribute
),

counted as (
    select statements.* exclude (old_value)
    from statements
    -- a deal that was hard-deleted before it was ever seen has a history but no content: it stays unknown
    inner join opportunities on statements.opportunity_id = opportunities.opportunity_id
    left join field_history_starts
        on
            statements.opportunity_id = field_history_starts.opportunity_id
            and statements.attribute = field_history_starts.attribute
    where
        case statements.source_order
            when 2
                then
                    statements.value is not null
                    and coalesce(statements.changed_at < field_history_starts.changed_at, true)
            when 4 then statements.value is not null or statements.attribute in ('amount', 'close_date')
            else true
        end
),

changes as (
    select
        initial_values.opportunity_id,
        initial_values.attribute,
        initial_values.value,
        least(opportunities.created_at, first_moments.changed_at) as changed_at,
        0 as source_order,
        '' as change_id
    from initial_values
    inner join opportunities on initial_values.opportunity_id = opportunities.opportunity_id
    left join first_moments on initial_values.opportunity_id = first_moments.opportunity_id
    union all by name
    select * from counted
)

select * from changes
