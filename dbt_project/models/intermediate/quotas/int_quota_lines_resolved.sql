-- grain: workbook (by content) × sheet × cell
-- additive: amount_document within one currency and version
-- a name that nobody or more than one rep bears is UNKNOWN, which a test reports with the nearest name
with

quota_lines as (
    select
        *,
        lower(trim(sales_rep)) as sales_rep_label
    from {{ ref('int_quota_lines_unioned') }}
),

members as (
    select * from {{ ref('int_budget_members') }}
    where kind = 'sales_rep'
),

fiscal_periods as (
    select distinct
        fiscal_year,
        fiscal_period,
        fiscal_period_key,
        fiscal_period_start,
        fiscal_period_end
    from {{ ref('int_fiscal_calendar') }}
),

sales_rep_labels as (
    select
        label,
        min(member_id) as member_id
    from members
    group by label
    having count(distinct member_id) = 1
),

resolved as (
    select
        quota_lines.* exclude (fiscal_year, fiscal_period, period_start),
        fiscal_periods.* exclude (fiscal_period_end),
        coalesce(sales_rep_labels.member_id, 'UNKNOWN') as sales_rep_id
    from quota_lines
    left join sales_rep_labels on quota_lines.sales_rep_label = sales_rep_labels.label
    left join fiscal_periods
        on case
            when quota_lines.fiscal_period is null
                then
                    quota_lines.period_start between
                    fiscal_periods.fiscal_period_start and fiscal_periods.fiscal_period_end
            else
                quota_lines.fiscal_year = fiscal_periods.fiscal_year
                and quota_lines.fiscal_period = fiscal_periods.fiscal_period
        end
)

select * from resolved
