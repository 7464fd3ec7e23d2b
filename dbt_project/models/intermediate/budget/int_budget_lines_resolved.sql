-- grain: workbook (by content) × sheet × cell
-- additive: amount (reporting currency, at the budget rate) within one version and measure
-- a level at which the sheet does not speak is UNALLOCATED; a name that nobody or more than one rep bears is UNKNOWN,
-- which a test reports with the nearest name
with

budget_lines as (
    select
        *,
        lower(trim(territory_name)) as territory_label,
        lower(trim(sales_rep)) as sales_rep_label,
        cast(coalesce(approved_at, file_modified_at) as date) as version_date
    from {{ ref('int_budget_lines_unioned') }}
),

members as (
    select * from {{ ref('int_budget_members') }}
),

rates as (
    select * from {{ ref('int_fx_rates_filled') }}
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

placed as (
    select
        budget_lines.* exclude (fiscal_year, fiscal_period),
        fiscal_periods.* exclude (fiscal_period_end)
    from budget_lines
    left join fiscal_periods
        on case
            when budget_lines.fiscal_period is null
                then
                    budget_lines.period_start between
                    fiscal_periods.fiscal_period_start and fiscal_periods.fiscal_period_end
            else
                budget_lines.fiscal_year = fiscal_periods.fiscal_year
                and budget_lines.fiscal_period = fiscal_periods.fiscal_period
        end
),

-- a name that several territories bear or bore means the CRM's, and the one that held when the version was approved
territory_matches as (
    select
        placed.file_sha256,
        placed.source_sheet,
        placed.source_cell,
        members.member_id
    from placed
    inner join members
        on
            members.kind = 'territory'
            and placed.territory_label = members.label
    qualify
        row_number() over (
            partition by placed.file_sha256, placed.source_sheet, placed.source_cell
            order by
                {{ is_of_billing_system('members.member_id') }} asc,
                placed.version_date >= coalesce(members.valid_from, date '1900-01-01')
                and placed.version_date < coalesce(members.valid_to, date '9999-12-31') desc,
                members.valid_from desc nulls last,
                members.member_id asc
        ) = 1
),

sales_rep_labels as (
    select
        label,
        min(member_id) as member_id
    from members
    where kind = 'sales_rep'
    group by label
    having count(distinct member_id) = 1
),

resolved as (
    select
        placed.*,
        if(placed.territory_label is null, 'UNALLOCATED', territory_matches.member_id) as territory_id,
        if(
            placed.sales_rep_label is null, 'UNALLOCATED', coalesce(sales_rep_labels.member_id, 'UNKNOWN')
        ) as sales_rep_id,
        cast(
            placed.amount_document * coalesce(
                rates.rate_budget,
                cast(error(
                    'No budget exchange rate for ' || placed.currency || ' to {{ var("reporting_currency") }} in '
                    || 'fiscal period ' || coalesce(cast(placed.fiscal_period_key as varchar), '(none)') || '; '
                    || placed.source_file || ', sheet ' || placed.source_sheet || ', cell ' || placed.source_cell
                    || ' needs it. Add the rate to the file of budget rates and run again.'
                ) as double)
            ) as decimal(18, 4)
        ) as amount
    from placed
    left join territory_matches
        on
            placed.file_sha256 = territory_matches.file_sha256
            and placed.source_sheet = territory_matches.source_sheet
            and placed.source_cell = territory_matches.source_cell
    left join sales_rep_labels on placed.sales_rep_label = sales_rep_labels.label
    left join rates
        on
            placed.currency = rates.from_currency
            and placed.fiscal_period_start = rates.rate_date
)

select * from resolved
