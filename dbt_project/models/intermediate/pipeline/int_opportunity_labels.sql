-- grain: opportunity × span of business days; segment of its account and lead source as known at the end of each day
-- Before the first version that was extracted its values are taken: nothing older is known.
with opportunities as (
    {{ staged('opportunities') }}
),

enriched as (
    select * from {{ ref('int_opportunities_enriched') }}
),

accounts as (
    select * from {{ ref('int_accounts_unioned') }}
    where segment is not null
),

statements as (
    select
        opportunity_id,
        {{ business_date('version_at') }} as stated_on,
        version_no,
        {{ slug('source_name') }} as source_id
    from opportunities
    union all by name
    select
        enriched.opportunity_id,
        {{ business_date('accounts.version_at') }} as stated_on,
        accounts.version_no,
        accounts.segment
    from enriched
    inner join accounts on enriched.account_id = accounts.account_id
),

days as (
    select
        opportunity_id,
        stated_on,
        arg_max(source_id, version_no) filter (where source_id is not null) as source_id,
        arg_max(segment, version_no) filter (where segment is not null) as segment
    from statements
    group by opportunity_id, stated_on
),

spans as (
    select
        opportunity_id,
        if(row_number() over per_deal = 1, date '1900-01-01', stated_on) as valid_from,
        lead(stated_on, 1, date '9999-12-31') over per_deal as valid_to,
        last_value(segment ignore nulls) over until_then as known_segment,
        first_value(segment ignore nulls) over all_days as first_segment,
        last_value(source_id ignore nulls) over until_then as known_source_id,
        first_value(source_id ignore nulls) over all_days as first_source_id
    from days
    window
        per_deal as (partition by opportunity_id order by stated_on),
        until_then as (
            partition by opportunity_id order by stated_on rows between unbounded preceding and current row
        ),
        all_days as (
            partition by opportunity_id order by stated_on rows between unbounded preceding and unbounded following
        )
),

labels as (
    select
        opportunity_id,
        valid_from,
        valid_to,
        coalesce(known_segment, first_segment, 'UNKNOWN') as segment,
        coalesce(known_source_id, first_source_id, 'UNKNOWN') as source_id
    from spans
)

select * from labels
