-- grain: indicator × region × period × release
-- additive: nothing; of one period the number in force at a moment is that of the last release before it
with

market_indicators as (
    select * from {{ ref('int_market_indicators_unioned') }}
),

named as (
    select
        replace(lower(trim(indicator_name)), ' ', '_') as indicator_id,
        coalesce(region, 'UNALLOCATED') as region,
        period_date,
        value,
        released_at,
        coalesce(publisher, source_file) as source,
        file_modified_at,
        cast(regexp_extract_all(indicator_version, '[0-9]+') as bigint[]) as version_numbers,
        source_file,
        source_sheet,
        source_cell
    from market_indicators
),

-- a release that was typed in again, in a later file, is corrected by it
releases as (
    select *
    from named
    qualify row_number() over (
        partition by indicator_id, region, period_date, released_at
        order by
            file_modified_at desc nulls last,
            version_numbers desc,
            source_file desc,
            source_sheet asc,
            source_cell asc
    ) = 1
),

final as (
    select
        indicator_id,
        region,
        period_date,
        value,
        released_at,
        source
    from releases
)

select * from final
