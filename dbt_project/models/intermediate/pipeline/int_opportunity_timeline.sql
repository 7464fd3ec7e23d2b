-- grain: opportunity × moment at which anything changed; every attribute as it was from that moment on
with changes as (
    select * from {{ ref('int_opportunity_changes') }}
),

opportunities as (
    select
        opportunity_id,
        pipeline_id
    from {{ ref('int_opportunities_enriched') }}
),

stages as (
    select * from {{ ref('int_stages') }}
),

{# A value is boxed, so that "changed to nothing" differs from "did not change". #}
{%- set attributes = [
    'stage_id', 'forecast_category', 'probability', 'amount', 'close_date', 'owner_id', 'is_deleted'
] %}
moments as (
    select
        {%- for attribute in attributes %}
            last({ 'value': value } order by source_order, change_id) filter (where attribute = '{{ attribute }}')
                as {{ attribute }},
        {%- endfor %}
        opportunity_id,
        changed_at
    from changes
    group by opportunity_id, changed_at
),

filled as (
    select
        {%- for attribute in attributes %}
            last_value({{ attribute }} ignore nulls) over so_far as {{ attribute }},
        {%- endfor %}
        opportunity_id,
        changed_at
    from moments
    window so_far as (
        partition by opportunity_id order by changed_at rows between unbounded preceding and current row
    )
),

timeline as (
    select
        filled.opportunity_id,
        filled.changed_at,
        {{ business_date('filled.changed_at') }} as business_date,
        opportunities.pipeline_id,
        filled.stage_id.value as stage_id,
        stages.stage_order,
        stages.is_closed,
        stages.is_won,
        filled.forecast_category.value as forecast_category,
        cast(filled.probability.value as double) as probability,
        cast(filled.amount.value as decimal(18, 4)) as amount_document,
        cast(filled.close_date.value as date) as close_date,
        filled.owner_id.value as owner_id,
        coalesce(lower(filled.is_deleted.value) in ('true', '1'), false) as is_deleted
    from filled
    inner join opportunities on filled.opportunity_id = opportunities.opportunity_id
    left join stages
        on opportunities.pipeline_id = stages.pipeline_id and filled.stage_id.value = stages.stage_id
)

select * from timeline
