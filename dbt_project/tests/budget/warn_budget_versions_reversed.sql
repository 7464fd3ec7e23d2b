-- The current budget version of a fiscal year is the one approved last, but a newer file of another version is there:
-- an old version was sent again, or the newer one lacks its (later) date of approval.
{{ config(severity='warn') }}
with

versions as (
    select
        fiscal_year,
        budget_version,
        max(file_modified_at) as file_modified_at
    from {{ ref('int_budget_lines_resolved') }}
    group by fiscal_year, budget_version
),

current_versions as (
    select distinct
        fiscal_period_key // 100 as fiscal_year,
        budget_version
    from {{ ref('fct_budget') }}
    where is_current
)

select
    current_versions.fiscal_year,
    current_versions.budget_version as current_version,
    newer.budget_version as newer_file_version
from current_versions
inner join versions
    on
        current_versions.fiscal_year = versions.fiscal_year
        and current_versions.budget_version = versions.budget_version
inner join versions as newer
    on
        current_versions.fiscal_year = newer.fiscal_year
        and versions.file_modified_at < newer.file_modified_at
