-- grain: sales rep × quota period × version × source cell or record, of all sources
-- additive: amount within one currency, for one version (is_current)
-- an approved workbook is in force before the systems, and those before a mere draft; of a fiscal year one version of
-- the workbook holds as a whole: the highest approved one, or the highest draft where none is approved
with

quotas as (
    select * from {{ ref('int_quotas_unioned') }}
),

quota_lines as (
    select
        *,
        cast(regexp_extract_all(quota_version, '[0-9]+') as bigint[]) as version_numbers
    from {{ ref('int_quota_lines_resolved') }}
),

days as (
    select * from {{ ref('int_fiscal_calendar') }}
),

system_quotas as (
    select
        quotas.sales_rep_id,
        quotas.grain,
        case quotas.grain
            when 'month' then days.fiscal_period_key
            when 'quarter' then days.fiscal_year * 10 + days.fiscal_quarter
        end as period_key,
        quotas.period_start,
        quotas.amount,
        quotas.currency,
        [quotas.version] as version_numbers,
        true as may_be_in_force,
        2 as precedence
    from quotas
    left join days on quotas.period_start = days.date_day
),

workbook_versions as (
    select
        fiscal_year,
        quota_version,
        version_numbers,
        bool_and(approved_at is not null) as is_approved
    from quota_lines
    group by all
),

workbook_ranks as (
    select
        *,
        row_number() over (
            partition by fiscal_year
            order by is_approved desc, version_numbers desc, quota_version desc
        ) = 1 as may_be_in_force
    from workbook_versions
),

workbook_quotas as (
    select
        quota_lines.sales_rep_id,
        'month' as grain,
        quota_lines.fiscal_period_key as period_key,
        quota_lines.fiscal_period_start as period_start,
        quota_lines.amount_document as amount,
        quota_lines.currency,
        quota_lines.version_numbers,
        quota_lines.quota_version as workbook_version,
        workbook_ranks.may_be_in_force,
        if(workbook_ranks.is_approved, 3, 1) as precedence
    from quota_lines
    inner join workbook_ranks
        on
            quota_lines.fiscal_year is not distinct from workbook_ranks.fiscal_year
            and quota_lines.quota_version = workbook_ranks.quota_version
),

all_quotas as (
    select * from system_quotas
    union all by name
    select * from workbook_quotas
),

numbered as (
    select
        *,
        dense_rank() over (
            partition by sales_rep_id, grain, period_key
            order by may_be_in_force, precedence, version_numbers, workbook_version
        ) as version
    from all_quotas
),

final as (
    select
        sales_rep_id,
        grain,
        cast(period_key as integer) as period_key,
        period_start,
        cast(version as integer) as version,
        workbook_version,
        amount,
        currency,
        may_be_in_force and version = max(version) over (partition by sales_rep_id, grain, period_key) as is_current
    from numbered
)

select * from final
